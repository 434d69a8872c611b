package io.balsa.lock.fencing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file within an action that its {@link FileFence} has let in: until the action ends nobody else writes the file, and nobody
 * with an older token ever will.
 *
 * <p>For the thread of the action alone, and only until it ends.
 */
public final class GuardedFile {
    private final FenceFiles files;
    private final FenceDisk disk;
    private final Thread owner = Thread.currentThread();
    private boolean ended;

    GuardedFile(FenceFiles files, FenceDisk disk) {
        this.files = files;
        this.disk = disk;
    }

    /** Where the content is, for actions of one's own on it. */
    public Path path() {
        return files.content();
    }

    /** The whole content; empty when there is no file yet. */
    public Optional<byte[]> read() throws IOException {
        requireGuard();
        return Files.exists(files.content()) ? Optional.of(Files.readAllBytes(files.content())) : Optional.empty();
    }

    /**
     * Replaces the whole content. After a crash at any moment the file has the old content or the new one. Once this has
     * returned, the new one survives a power cut. The file's permissions are kept, its owner becomes that of this process.
     */
    public void replace(byte[] content) throws IOException {
        requireGuard();
        Objects.requireNonNull(content, "content");
        disk.create(files.newContent(), content, files.content());
        disk.rename(files.newContent(), files.content());
        disk.forceDirectory(files.directory());
    }

    /**
     * Adds to the end of the file, which is created where there is none, without copying what is there. Once this has returned,
     * it survives a power cut. A crash before may leave a part of it: readers must be able to tell, as by the end of a line.
     */
    public void append(byte[] bytes) throws IOException {
        requireGuard();
        Objects.requireNonNull(bytes, "bytes");
        boolean isNew = !Files.exists(files.content());
        disk.append(files.content(), bytes);
        if (isNew) {
            disk.forceDirectory(files.directory());
        }
    }

    /** From now on it is not guarded. */
    void end() {
        ended = true;
    }

    private void requireGuard() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("a guarded file is for the thread of the action that it was given to");
        }
        if (ended) {
            throw new IllegalStateException(
                    files.content() + " is not guarded any more, since the action that it was given to has ended");
        }
    }
}
