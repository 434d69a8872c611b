package io.balsa.raft.adapter;

import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends to the file of a snapshot that is not published yet. A failure is a {@link StorageException} that names the file,
 * and final: nothing that is written later makes up for what may be missing.
 *
 * <p>It syncs every few megabytes, so that no sync takes long: the log shares the disk and waits for each.
 */
final class SnapshotFileOutput extends OutputStream {
    private static final int SYNC_BYTES = 8 << 20;

    private final Path file;
    private final Syncer syncer;
    private final FileChannel channel;
    private long position;
    private long syncedTo;
    private StorageException failure;

    /**
     * @param position where to go on; what is behind is cut
     */
    SnapshotFileOutput(Path file, long position, Syncer syncer) {
        this.file = file;
        this.syncer = syncer;
        this.position = position;
        this.syncedTo = position;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(position);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("write", file, e);
        }
    }

    long position() {
        return position;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        checkUsable();
        try {
            DurableFiles.writeFully(channel, ByteBuffer.wrap(bytes, offset, length), position);
            position += length;
            if (position - syncedTo >= SYNC_BYTES) {
                sync();
            }
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    /** Makes durable what was written. */
    void sync() {
        checkUsable();
        try {
            syncer.force(channel, file);
            syncedTo = position;
        } catch (IOException e) {
            throw failed("sync", e);
        }
    }

    private void checkUsable() {
        if (failure != null) {
            throw failure;
        }
    }

    private StorageException failed(String what, IOException cause) {
        failure = DurableFiles.writeFailure(what, file, cause);
        return failure;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
