package io.balsa.lock.fencing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one at a time work under a fence: one thread of this process, and one of all processes.
 *
 * <p>Processes exclude each other by a lock on a file. On POSIX systems such a lock belongs to the process, and ends as soon as
 * <em>any</em> of its channels on the file is closed. So threads exclude each other before they open one: a second would take
 * the lock away from the first when it gives up and closes its own.
 */
final class FenceLock implements AutoCloseable {
    private static final long POLL_MILLIS = 5;
    private static final Map<Path, Gate> GATES = new HashMap<>();

    /** What the threads of this process share for one file. */
    private static final class Gate {
        private final ReentrantLock threads = new ReentrantLock(true);
        private int users;

        /** Held by whoever has {@code threads}; left open only while it must not be closed. */
        private FileChannel channel;
    }

    private final Path file;
    private final Gate gate;

    private FenceLock(Path file, Gate gate) {
        this.file = file;
        this.gate = gate;
    }

    /**
     * Waits for the lock.
     *
     * @param file by its real path; created where it is not there yet
     * @throws FenceBusyException if others held it for too long
     * @throws IllegalStateException if this thread holds it
     */
    static FenceLock acquire(Path file, Duration wait) throws IOException {
        long deadlineNanos = System.nanoTime() + wait.toNanos();
        FenceLock lock = new FenceLock(file, enter(file));
        boolean acquired = false;
        try {
            lock.excludeThreads(deadlineNanos, wait);
            try {
                lock.excludeProcesses(deadlineNanos, wait);
                acquired = true;
            } finally {
                if (!acquired) {
                    lock.gate.threads.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while waiting for " + file + "; nothing was written");
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            if (!acquired) {
                lock.leave();
            }
        }
        return lock;
    }

    private static Gate enter(Path file) {
        synchronized (GATES) {
            Gate gate = GATES.computeIfAbsent(file, path -> new Gate());
            gate.users++;
            return gate;
        }
    }

    private void leave() {
        synchronized (GATES) {
            gate.users--;
            if (gate.users == 0 && gate.channel == null) {
                GATES.remove(file);
            }
        }
    }

    private void excludeThreads(long deadlineNanos, Duration wait) throws IOException, InterruptedException {
        if (gate.threads.isHeldByCurrentThread()) {
            throw new IllegalStateException("this thread works under the fence of " + file
                    + " already: use the file that its action was given");
        }
        if (!gate.threads.tryLock(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw new FenceBusyException(file, wait, "another thread of this process");
        }
    }

    private void excludeProcesses(long deadlineNanos, Duration wait) throws IOException, InterruptedException {
        if (gate.channel == null || !gate.channel.isOpen()) {
            gate.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
        boolean mayClose = true;
        boolean acquired = false;
        try {
            while (true) {
                try {
                    FileLock lock = gate.channel.tryLock();
                    mayClose = true;
                    if (lock != null) {
                        acquired = true;
                        return;
                    }
                } catch (OverlappingFileLockException e) {
                    // Not by this class, or by one that another class loader has loaded. Closing would end that lock.
                    mayClose = false;
                }
                if (deadlineNanos - System.nanoTime() <= 0) {
                    throw new FenceBusyException(
                            file, wait, mayClose ? "another process" : "something else in this process");
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } finally {
            if (!acquired && mayClose) {
                closeChannel();
            }
        }
    }

    private void closeChannel() throws IOException {
        FileChannel channel = gate.channel;
        gate.channel = null;
        channel.close();
    }

    /** The file that is locked. To be read and written by this alone: closing another channel on it ends the lock. */
    FileChannel channel() {
        return gate.channel;
    }

    /** Lets the next one in. */
    @Override
    public void close() throws IOException {
        try {
            closeChannel();
        } finally {
            gate.threads.unlock();
            leave();
        }
    }
}
