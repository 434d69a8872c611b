package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The bytes of a snapshot: a header, the state in blocks, and a trailer. They are the same in a file and on their way to
 * another server, and the same on every server whose state is.
 *
 * <pre>
 * header   magic 4 | version 2 | reserved 2 | index 8 | term 8 | time 8 | length of configuration 4 | configuration | CRC32C 4
 * block    length 4 | data | CRC32C 4 of the block's number (8 bytes, from 0), the length and the data
 * trailer  zero 4 | number of blocks 8 | bytes of data 8 | checksum 8 | CRC32C 4
 * </pre>
 *
 * <p>Numbers are big-endian. Every block but the last is full. The checksum, {@link SnapshotChecksum}, covers everything
 * before the trailer; with the index, the term and the size it identifies the snapshot.
 */
final class SnapshotFormat {
    static final short VERSION = 1;
    static final int BLOCK_BYTES = 64 << 10;
    static final int TRAILER_BYTES = 32;
    static final int CRC_BYTES = 4;

    /** The header up to the configuration. */
    static final int HEADER_START_BYTES = 36;

    static final int MAX_CONFIGURATION_BYTES = 1 << 20;

    private static final int MAGIC = 0x4253_4E50; // "BSNP"
    private static final int DESCRIPTION_BYTES = 16;

    private SnapshotFormat() {}

    /**
     * What the trailer says.
     *
     * @param blocks how many there are
     * @param dataBytes the length of the state
     * @param checksum of everything before the trailer
     */
    record Trailer(long blocks, long dataBytes, long checksum) {}

    static byte[] encodeHeader(SnapshotMetadata metadata) {
        byte[] configuration = metadata.configuration().encode();
        ByteBuffer target = ByteBuffer.allocate(HEADER_START_BYTES + configuration.length + CRC_BYTES);
        target.putInt(MAGIC)
                .putShort(VERSION)
                .putShort((short) 0)
                .putLong(metadata.index())
                .putLong(metadata.term())
                .putLong(metadata.timeMillis())
                .putInt(configuration.length)
                .put(configuration);
        return target.putInt(crc(target.array(), 0, target.position())).array();
    }

    /**
     * The length of a header of which the first bytes are given.
     *
     * @throws DamagedRecordException if they are not those of a header
     */
    static int headerLength(byte[] start) throws DamagedRecordException {
        ByteBuffer source = ByteBuffer.wrap(start);
        int configurationLength = source.getInt(HEADER_START_BYTES - 4);
        if (source.getInt() != MAGIC) {
            throw new DamagedRecordException("it does not begin as a snapshot does");
        }
        if (configurationLength < 0 || configurationLength > MAX_CONFIGURATION_BYTES) {
            throw new DamagedRecordException(
                    "the length of the configuration is not plausible: " + configurationLength);
        }
        return HEADER_START_BYTES + configurationLength + CRC_BYTES;
    }

    /**
     * Reads a header.
     *
     * @param header as many bytes as {@link #headerLength} said
     * @throws DamagedRecordException if it is not one of this version
     */
    static SnapshotMetadata decodeHeader(byte[] header) throws DamagedRecordException {
        ByteBuffer source = ByteBuffer.wrap(header);
        if (source.getInt(header.length - CRC_BYTES) != crc(header, 0, header.length - CRC_BYTES)) {
            throw new DamagedRecordException("the checksum of its header does not match");
        }
        source.getInt();
        short version = source.getShort();
        short reserved = source.getShort();
        if (version != VERSION || reserved != 0) {
            throw new DamagedRecordException("it has format version " + version + ", this is " + VERSION);
        }
        long index = source.getLong();
        long term = source.getLong();
        long timeMillis = source.getLong();
        byte[] configuration = new byte[source.getInt()];
        source.get(configuration);
        try {
            Configuration decoded = Configuration.decode(configuration);
            if (index < 1 || term < 1 || decoded.isEmpty()) {
                throw new DamagedRecordException("its header is not plausible: index " + index + ", term " + term);
            }
            return new SnapshotMetadata(index, term, timeMillis, decoded);
        } catch (IllegalArgumentException e) {
            throw new DamagedRecordException("its configuration can't be read: " + e.getMessage());
        }
    }

    static byte[] encodeTrailer(Trailer trailer) {
        ByteBuffer target = ByteBuffer.allocate(TRAILER_BYTES);
        target.putInt(0).putLong(trailer.blocks()).putLong(trailer.dataBytes()).putLong(trailer.checksum());
        return target.putInt(crc(target.array(), 0, target.position())).array();
    }

    /**
     * Reads a trailer.
     *
     * @param trailer {@link #TRAILER_BYTES} bytes
     * @throws DamagedRecordException if it is none
     */
    static Trailer decodeTrailer(byte[] trailer) throws DamagedRecordException {
        ByteBuffer source = ByteBuffer.wrap(trailer);
        if (source.getInt(TRAILER_BYTES - CRC_BYTES) != crc(trailer, 0, TRAILER_BYTES - CRC_BYTES)
                || source.getInt() != 0) {
            throw new DamagedRecordException("the checksum of its trailer does not match");
        }
        return new Trailer(source.getLong(), source.getLong(), source.getLong());
    }

    /** The size of a snapshot with such a header and trailer. */
    static long sizeOf(int headerLength, Trailer trailer) {
        return headerLength + trailer.dataBytes() + trailer.blocks() * (4 + CRC_BYTES) + TRAILER_BYTES;
    }

    static int blockCrc(long number, byte[] data, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(12).putLong(number).putInt(length).flip());
        crc.update(data, 0, length);
        return (int) crc.getValue();
    }

    /** A description as a small file keeps it: the header, the size and the checksum, and a checksum of these. */
    static byte[] encodeDescription(SnapshotDescription description) {
        byte[] header = encodeHeader(description.metadata());
        ByteBuffer target = ByteBuffer.allocate(header.length + DESCRIPTION_BYTES + CRC_BYTES);
        target.put(header).putLong(description.sizeBytes()).putLong(description.checksum());
        return target.putInt(crc(target.array(), 0, target.position())).array();
    }

    /**
     * The reverse of {@link #encodeDescription}.
     *
     * @throws DamagedRecordException if these bytes are no description
     */
    static SnapshotDescription decodeDescription(byte[] bytes) throws DamagedRecordException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        int headerLength = bytes.length - DESCRIPTION_BYTES - CRC_BYTES;
        if (headerLength < HEADER_START_BYTES
                || headerLength(bytes) != headerLength
                || source.getInt(bytes.length - CRC_BYTES) != crc(bytes, 0, bytes.length - CRC_BYTES)) {
            throw new DamagedRecordException("the checksum of a description does not match");
        }
        byte[] header = new byte[headerLength];
        source.get(header);
        long sizeBytes = source.getLong();
        if (sizeBytes < 1) {
            throw new DamagedRecordException("the size of a snapshot is not plausible: " + sizeBytes);
        }
        return new SnapshotDescription(decodeHeader(header), sizeBytes, source.getLong());
    }

    private static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
