package io.balsa.raft.adapter;

import io.balsa.raft.port.DiskFullException;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What it takes to make names and small files durable, and to say plainly what went wrong. */
final class DurableFiles {
    private static final long NEARLY_FULL_BYTES = 1 << 20;

    private DurableFiles() {}

    /**
     * Makes creations, renames and deletions in a directory durable. A file whose content was synced can still be gone
     * after a power cut when the directory that names it was not.
     */
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Replaces a file at once: after a crash it has the old content or the new one, and nothing between. */
    static void replace(Path file, byte[] content, Syncer syncer) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.wrap(content), 0);
            syncer.force(channel, temporary);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(file.toAbsolutePath().getParent());
    }

    static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * Words a failure to write, and says so when the reason is a full disk: that is for the operator to mend, and neither
     * a defect nor a damaged disk.
     *
     * @param what was tried, as in "append to"
     */
    static StorageException writeFailure(String what, Path file, Throwable cause) {
        if (isDiskFull(file, cause)) {
            return new DiskFullException("cannot " + what + " " + file + ": disk full", cause);
        }
        return new StorageException("cannot " + what + " " + file + ": " + cause.getMessage(), cause);
    }

    private static boolean isDiskFull(Path file, Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("no space left") || message.contains("quota exceeded")) {
            return true;
        }
        // A write to a mapped page that finds no block ends in a fault without a reason, so the disk itself is asked.
        return cause instanceof InternalError && usableBytes(file) < NEARLY_FULL_BYTES;
    }

    private static long usableBytes(Path file) {
        try {
            return Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
        } catch (IOException unknown) {
            return Long.MAX_VALUE;
        }
    }
}
