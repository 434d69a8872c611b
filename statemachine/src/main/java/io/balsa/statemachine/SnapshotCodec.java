package io.balsa.statemachine;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.InvariantViolation;
import io.balsa.statemachine.proto.SnapshotEnd;
import io.balsa.statemachine.proto.SnapshotRecord;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Frames the records of a snapshot.
 *
 * <pre>
 * magic    8 bytes  "BalsaSM" and a newline
 * version  4 bytes  big-endian, 1 or 2: the oldest that has all that is in the records
 * records           each: length as 4 bytes big-endian, then a SnapshotRecord; the last one is a SnapshotEnd
 * checksum 4 bytes  big-endian, CRC32C of all bytes before
 * </pre>
 */
final class SnapshotCodec {
    private static final long MAGIC = 0x42616c7361534d0aL;

    private SnapshotCodec() {}

    /** Writes a snapshot, one record after the other. */
    static final class Writer {
        private final CRC32C checksum = new CRC32C();
        private final DataOutputStream data;
        private final CodedOutputStream coded;
        private long records;

        /** @param version the oldest format that has all that is to be written */
        Writer(OutputStream output, int version) throws IOException {
            data = new DataOutputStream(new CheckedOutputStream(output, checksum));
            coded = CodedOutputStream.newInstance(data);
            // Metadata are maps: without this their order would be that of their parsing.
            coded.useDeterministicSerialization();
            data.writeLong(MAGIC);
            data.writeInt(version);
        }

        void write(SnapshotRecord record) throws IOException {
            int length = record.getSerializedSize();
            coded.write((byte) (length >>> 24));
            coded.write((byte) (length >>> 16));
            coded.write((byte) (length >>> 8));
            coded.write((byte) length);
            record.writeTo(coded);
            records++;
        }

        void finish() throws IOException {
            write(SnapshotRecord.newBuilder()
                    .setEnd(SnapshotEnd.newBuilder().setRecords(records))
                    .build());
            coded.flush();
            data.writeInt((int) checksum.getValue());
            data.flush();
        }
    }

    /**
     * Reads a whole snapshot.
     *
     * @param records given the records, without the end; it may throw {@link InvariantViolation} at what makes no sense,
     *     which is then damage of the snapshot. What it was given counts only when this method returns.
     * @throws IOException if the input is not a snapshot, ends early, goes on after the end, or is damaged
     */
    static void read(InputStream input, Consumer<SnapshotRecord> records) throws IOException {
        CRC32C checksum = new CRC32C();
        // Checked above the buffer, so that the checksum does not run ahead of what was read.
        DataInputStream data = new DataInputStream(new CheckedInputStream(new BufferedInputStream(input), checksum));
        try {
            if (data.readLong() != MAGIC) {
                throw new IOException("not a snapshot of Balsa's state");
            }
            int version = data.readInt();
            if (version == 0 || FormatVersions.isNewer(version, FormatVersions.SNAPSHOT)) {
                throw new IOException("the snapshot has format " + Integer.toUnsignedString(version)
                        + ", this version of Balsa knows those up to " + FormatVersions.SNAPSHOT);
            }
            readRecords(data, records);
            int expected = (int) checksum.getValue();
            if (data.readInt() != expected) {
                throw new IOException("the snapshot is damaged: its checksum does not match");
            }
            if (data.read() >= 0) {
                throw new IOException("the snapshot is damaged: something follows its end");
            }
        } catch (EOFException e) {
            throw new IOException("the snapshot is damaged: it ends early", e);
        } catch (InvalidProtocolBufferException | InvariantViolation e) {
            throw new IOException("the snapshot is damaged: " + e.getMessage(), e);
        }
    }

    private static void readRecords(DataInputStream data, Consumer<SnapshotRecord> records) throws IOException {
        long count = 0;
        while (true) {
            SnapshotRecord record = readRecord(data);
            if (record.hasHead() != (count == 0)) {
                throw new IOException("the snapshot is damaged: it has one head, at its beginning");
            }
            if (record.hasEnd()) {
                if (record.getEnd().getRecords() != count) {
                    throw new IOException("the snapshot is damaged: records are missing");
                }
                return;
            }
            records.accept(record);
            count++;
        }
    }

    private static SnapshotRecord readRecord(DataInputStream data) throws IOException {
        int length = data.readInt();
        if (length < 0) {
            throw new IOException("the snapshot is damaged: a record of negative length");
        }
        // Grows with what is really there: a damaged length must not make a huge array.
        byte[] bytes = data.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return SnapshotRecord.parseFrom(CodedInputStream.newInstance(bytes));
    }
}
