package io.balsa.lock.fencing;

import io.balsa.lock.LockLease;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Guards a file: it is written only with a token that is not older than the newest one that has been there.
 *
 * <p>The file has its content and nothing else, so any program reads it. Beside {@code state.json}, the newest token is kept
 * in {@code state.json.fence}, and whoever writes holds a lock on {@code state.json.fence.lock}. Both stay for as long as the
 * file does: who deletes them lets older tokens in. For a moment, or after a crash, there are {@code state.json.new} and
 * {@code state.json.fence.new}. All who write the file must do so through a fence; links are followed, hard links are not known.
 *
 * <p>A new token is durable before anything is written with it. So whenever a process or the power dies, the file has the old
 * content or the new one, and an older token than that of what it has is refused for ever. A lost or damaged token is an error,
 * never a new beginning.
 *
 * <p>One at a time works under the fence, whether threads, processes, or machines on a file system whose locks and
 * renames all of them see; others wait. In one process, the class must be loaded by one class loader only.
 *
 * <p>Thread-safe. Blocks while it waits for the disk or for others. A thread that is interrupted meanwhile ends with an
 * {@link IOException} and stays interrupted; what it may have written is whole all the same.
 */
public final class FileFence {
    /** The longest that can be waited for others. */
    public static final Duration MAX_LOCK_WAIT = Duration.ofDays(1);

    private static final Duration DEFAULT_LOCK_WAIT = Duration.ofSeconds(10);

    /** What the lock file says once there is a token: that one which is missing later was lost. */
    private static final byte[] BEGUN =
            "the newest token is in the file beside this; delete neither\n".getBytes(StandardCharsets.US_ASCII);

    private static final long NONE = -1;

    private final FenceFiles files;
    private final FenceDisk disk;
    private final Duration lockWait;

    /** The newest token that this object itself made durable; only read and written by who holds the lock. */
    private long durableToken = NONE;

    /** Work on a guarded file. */
    @FunctionalInterface
    public interface Action<T> {
        /**
         * Reads and writes the file, on the calling thread.
         *
         * @return what the caller gets
         */
        T run(GuardedFile file) throws IOException;
    }

    private FileFence(FenceFiles files, FenceDisk disk, Duration lockWait) {
        this.files = files;
        this.disk = disk;
        this.lockWait = lockWait;
    }

    /**
     * The fence of a file. It waits at most 10 s for others. Keep it: the first write of each object is slower.
     *
     * @param file need not exist, but its directory does
     * @throws IOException if the path leads to no file and to no place for one
     */
    public static FileFence of(Path file) throws IOException {
        return of(file, FenceDisk.REAL);
    }

    static FileFence of(Path file, FenceDisk disk) throws IOException {
        return new FileFence(FenceFiles.of(file), disk, DEFAULT_LOCK_WAIT);
    }

    /**
     * The same, which waits for others longer or shorter.
     *
     * @param newLockWait from zero to {@link #MAX_LOCK_WAIT}
     */
    public FileFence withLockWait(Duration newLockWait) {
        if (newLockWait.isNegative() || newLockWait.compareTo(MAX_LOCK_WAIT) > 0) {
            throw new IllegalArgumentException(
                    "a fence waits for others from 0 to " + MAX_LOCK_WAIT.toHours() + " hours, not " + newLockWait);
        }
        return new FileFence(files, disk, newLockWait);
    }

    /**
     * Replaces the whole content of the file, as {@link GuardedFile#replace} does.
     *
     * @param token of the lock that protects the file; zero or larger
     * @throws StaleTokenException if a newer token has been there
     * @throws FenceBusyException if others worked under the fence for too long
     * @throws FenceDamagedException if the newest token can't be known
     * @throws IOException if the disk fails; then the file has the old content or the new one
     */
    public void write(long token, byte[] content) throws IOException {
        Objects.requireNonNull(content, "content");
        guard(token, file -> {
            file.replace(content);
            return null;
        });
    }

    /**
     * Like {@link #write(long, byte[])}, with the token of a lease. A lease that is not valid any more may try: not its
     * holder's clock decides, but whether a later holder has been there.
     */
    public void write(LockLease lease, byte[] content) throws IOException {
        write(lease.token(), content);
    }

    /**
     * Runs an action on the file if no newer token has been there: to add to the file, or to write what depends on what it
     * holds. Even if the action only reads, or fails, older tokens are refused from now on.
     *
     * @param token of the lock that protects the file; zero or larger
     * @return what the action returns
     * @throws StaleTokenException if a newer token has been there
     * @throws FenceBusyException if others worked under the fence for too long
     * @throws FenceDamagedException if the newest token can't be known
     * @throws IllegalStateException within an action under the same fence
     * @throws IOException if the disk fails, or the action does
     */
    public <T> T guard(long token, Action<T> action) throws IOException {
        Tokens.check(token);
        Objects.requireNonNull(action, "action");
        // The lock is released by whatever way this is left.
        try (FenceLock lock = FenceLock.acquire(files.lock(), lockWait)) {
            admit(token, lock.channel());
            GuardedFile file = new GuardedFile(files, disk);
            try {
                return action.run(file);
            } finally {
                file.end();
            }
        }
    }

    /** Like {@link #guard(long, Action)}, with the token of a lease, as {@link #write(LockLease, byte[])}. */
    public <T> T guard(LockLease lease, Action<T> action) throws IOException {
        return guard(lease.token(), action);
    }

    /**
     * The newest token that has been there, empty when none has: who wrote the file last, or may have begun to.
     *
     * @throws FenceDamagedException if it can't be known
     */
    public OptionalLong newestToken() throws IOException {
        try {
            return OptionalLong.of(FenceRecord.decode(Files.readAllBytes(files.token()), files.token()));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    private void admit(long token, FileChannel lockFile) throws IOException {
        boolean begun = lockFile.size() > 0;
        OptionalLong newest = newestToken();
        if (newest.isEmpty() && begun) {
            throw new FenceDamagedException(files.token(), "is missing");
        }
        if (newest.orElse(NONE) > token) {
            throw new StaleTokenException(files.content().toString(), token, newest.getAsLong());
        }
        // One that another wrote, who may have died before it was durable, is written again.
        if (durableToken != token || newest.orElse(NONE) != token) {
            disk.create(files.newToken(), FenceRecord.encode(token), files.token());
            disk.rename(files.newToken(), files.token());
            disk.forceDirectory(files.directory());
            durableToken = token;
        }
        if (!begun) {
            disk.fill(lockFile, BEGUN);
        }
    }
}
