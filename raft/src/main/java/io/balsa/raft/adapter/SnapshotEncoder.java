package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Writes a state as a snapshot of {@link SnapshotFormat}, block by block. */
public final class SnapshotEncoder extends OutputStream {
    private final SnapshotMetadata metadata;
    private final OutputStream target;
    private final SnapshotChecksum checksum = new SnapshotChecksum();
    private final byte[] block = new byte[SnapshotFormat.BLOCK_BYTES];
    private int used;
    private long blocks;
    private long dataBytes;
    private long sizeBytes;
    private boolean finished;

    /** Begins with the header. */
    public SnapshotEncoder(SnapshotMetadata metadata, OutputStream target) throws IOException {
        this.metadata = metadata;
        this.target = target;
        writeChecked(SnapshotFormat.encodeHeader(metadata));
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        Invariant.check(!finished, "nothing is written to a finished snapshot");
        int from = offset;
        while (from < offset + length) {
            int count = Math.min(offset + length - from, block.length - used);
            System.arraycopy(bytes, from, block, used, count);
            used += count;
            from += count;
            if (used == block.length) {
                writeBlock();
            }
        }
    }

    private void writeBlock() throws IOException {
        ByteBuffer framed = ByteBuffer.allocate(4 + used + SnapshotFormat.CRC_BYTES);
        framed.putInt(used).put(block, 0, used).putInt(SnapshotFormat.blockCrc(blocks, block, used));
        writeChecked(framed.array());
        blocks++;
        dataBytes += used;
        used = 0;
    }

    private void writeChecked(byte[] bytes) throws IOException {
        checksum.update(bytes, 0, bytes.length);
        target.write(bytes);
        sizeBytes += bytes.length;
    }

    /** Writes what is left, and the trailer. Finishing twice gives the same. */
    public SnapshotDescription finish() throws IOException {
        if (!finished) {
            if (used > 0) {
                writeBlock();
            }
            finished = true;
            target.write(SnapshotFormat.encodeTrailer(new SnapshotFormat.Trailer(blocks, dataBytes, checksum.value())));
            sizeBytes += SnapshotFormat.TRAILER_BYTES;
        }
        return new SnapshotDescription(metadata, sizeBytes, checksum.value());
    }
}
