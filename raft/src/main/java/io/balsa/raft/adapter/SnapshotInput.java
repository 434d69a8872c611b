package io.balsa.raft.adapter;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.SnapshotDamagedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** The state that a snapshot holds. Its end is reported only when the whole snapshot was found right. */
public final class SnapshotInput extends InputStream {
    private final String name;
    private final SnapshotDescription expected;
    private final InputStream source;
    private final SnapshotScanner scanner;
    private ByteBuffer block = ByteBuffer.allocate(0);

    /**
     * @param name of the snapshot, for messages
     * @param source of its bytes; closed with this
     */
    public SnapshotInput(String name, SnapshotDescription expected, InputStream source) throws IOException {
        this.name = name;
        this.expected = expected;
        this.source = source;
        this.scanner = new SnapshotScanner(source);
        try {
            if (!scanner.header().equals(expected.metadata())) {
                throw damaged(
                        name,
                        0,
                        "it is not the snapshot of index " + expected.metadata().index() + " that was there before");
            }
        } catch (DamagedRecordException e) {
            throw damaged(name, 0, e.getMessage());
        }
    }

    static SnapshotDamagedException damaged(String name, long position, String why) {
        return new SnapshotDamagedException("damaged snapshot: " + name + " at position " + position + ": " + why);
    }

    @Override
    public int read() throws IOException {
        return fill() ? block.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, block.remaining());
        block.get(target, offset, count);
        return count;
    }

    @Override
    public int available() {
        return block == null ? 0 : block.remaining();
    }

    private boolean fill() throws IOException {
        if (block == null) {
            return false;
        }
        if (block.hasRemaining()) {
            return true;
        }
        try {
            block = scanner.nextBlock();
        } catch (DamagedRecordException e) {
            throw damaged(name, scanner.position(), e.getMessage());
        }
        if (block == null && !scanner.description().equals(expected)) {
            throw damaged(
                    name,
                    0,
                    "it is not the one with checksum " + Long.toHexString(expected.checksum())
                            + " that was there before");
        }
        return block != null;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
