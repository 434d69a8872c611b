package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a file, for sending. Each block is checked before the first of its bytes leaves: a receiver would find
 * damage only at the end, and begin again with the same.
 */
final class FileSnapshotSource implements SnapshotStorage.Source {
    private static final int BUFFER_BYTES = 256 << 10;

    private final SnapshotDescription description;
    private final Path file;
    private final Runnable onClose;
    private final FileChannel channel;
    private final InputStream checked;
    private final SnapshotScanner scanner;
    private boolean closed;

    FileSnapshotSource(SnapshotDescription description, Path file, Runnable onClose) {
        this.description = description;
        this.file = file;
        this.onClose = onClose;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new StorageException("cannot read " + file + ": " + e.getMessage(), e);
        }
        // Parts are read at positions of their own, which leaves the channel's to the scanner.
        checked = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
        scanner = new SnapshotScanner(checked);
    }

    @Override
    public SnapshotDescription description() {
        return description;
    }

    @Override
    public byte[] read(long offset, int maxBytes) throws IOException {
        Invariant.check(
                offset >= 0 && offset <= description.sizeBytes() && maxBytes > 0,
                "a part lies within its snapshot: at %d of %d",
                offset,
                description.sizeBytes());
        int length = (int) Math.min(maxBytes, description.sizeBytes() - offset);
        check(offset + length);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw SnapshotInput.damaged(file.toString(), offset + bytes.position(), "it ends here");
            }
        }
        return bytes.array();
    }

    private void check(long end) throws IOException {
        try {
            if (scanner.position() == 0 && !scanner.header().equals(description.metadata())) {
                throw new DamagedRecordException("it is another snapshot than before");
            }
            while (scanner.position() < end) {
                if (scanner.nextBlock() == null && !scanner.description().equals(description)) {
                    throw new DamagedRecordException("it is another snapshot than before");
                }
            }
        } catch (DamagedRecordException e) {
            throw SnapshotInput.damaged(file.toString(), scanner.position(), e.getMessage());
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClose.run();
        try (channel) {
            checked.close();
        } catch (IOException e) {
            throw new StorageException("cannot close " + file + ": " + e.getMessage(), e);
        }
    }
}
