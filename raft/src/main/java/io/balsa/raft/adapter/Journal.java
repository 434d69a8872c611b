package io.balsa.raft.adapter;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The one log on disk that holds the records of many groups, each as the payload of an entry. What was appended waits in memory,
 * where it can be read, until somebody syncs: then all of it is written and synced at once, whoever appended it. Thread-safe.
 *
 * <p>A failure is final for all: what the disk then holds is unknown.
 */
final class Journal implements AutoCloseable {
    /** From so many waiting bytes on, whoever appends writes them, and waits for the disk if somebody is there. */
    static final int MAX_PENDING_BYTES = 8 << 20;

    /** Of all entries: what tells the groups' leaders apart is in the records. */
    private static final long TERM = 1;

    private final LogStorage log;

    /** Of whoever writes to the log. Taken before any other lock. */
    private final ReentrantLock disk = new ReentrantLock();

    /** Keeps what is read in its place. */
    private final ReentrantReadWriteLock places = new ReentrantReadWriteLock();

    private final JournalSize size;
    // Guarded by this: what is not written yet, and what is just being written, which comes before it.
    private List<LogEntry> pending = new ArrayList<>();
    private List<LogEntry> writing = List.of();
    private long pendingBytes;

    private volatile long lastIndex;
    private volatile long durableIndex;
    private volatile boolean hasIdleWork;
    private volatile StorageException failure;
    private volatile boolean closed;

    /**
     * @param log owned and closed by the journal; all of its entries are durable
     * @param size of these
     */
    Journal(LogStorage log, JournalSize size) {
        this.log = log;
        this.size = size;
        this.lastIndex = log.lastIndex();
        this.durableIndex = lastIndex;
    }

    /** The bytes that a record of so many bytes takes. */
    static int lengthOf(int recordBytes) {
        return LogRecord.ENTRY_OVERHEAD_BYTES + recordBytes;
    }

    /** The index of the first entry that is still there. */
    long firstIndex() {
        return log.firstIndex();
    }

    /** The index of the last entry that was appended. */
    long lastIndex() {
        return lastIndex;
    }

    /** The last entry that is durable. */
    long durableIndex() {
        return durableIndex;
    }

    /** The bytes of the entries from an index on. */
    synchronized long bytesFrom(long index) {
        return size.from(index);
    }

    /**
     * Appends a record, which is durable when its index is. Does not wait for the disk.
     *
     * @return its index
     */
    synchronized long append(byte[] payload) {
        checkUsable();
        LogEntry entry = new LogEntry(lastIndex + 1, TERM, EntryType.COMMAND, 0, payload);
        pending.add(entry);
        int bytes = lengthOf(payload.length);
        pendingBytes += bytes;
        size.append(entry.index(), bytes);
        lastIndex = entry.index();
        return entry.index();
    }

    /** Keeps what waits in memory within bounds. To be called after appends, with no lock held. */
    void relieve() {
        if (pendingBytes() >= MAX_PENDING_BYTES) {
            disk.lock();
            try {
                // Unless somebody else has, who was there before.
                if (pendingBytes() >= MAX_PENDING_BYTES) {
                    write();
                }
            } finally {
                disk.unlock();
            }
        }
    }

    private synchronized long pendingBytes() {
        return pendingBytes;
    }

    /**
     * Makes the entries up to an index durable, and with them whatever else was appended. Returns at once if another's sync has
     * covered them.
     */
    void sync(long upTo) {
        checkUsable();
        if (durableIndex >= upTo) {
            return;
        }
        disk.lock();
        try {
            if (durableIndex < upTo) {
                syncAll();
            }
        } finally {
            disk.unlock();
        }
    }

    /** Does something at the disk, with nobody else there. */
    void atDisk(Runnable action) {
        disk.lock();
        try {
            guarded(action);
        } finally {
            disk.unlock();
        }
    }

    /** Does something at the disk unless somebody else is there. */
    void atDiskIfFree(Runnable action) {
        if (disk.tryLock()) {
            try {
                guarded(action);
            } finally {
                disk.unlock();
            }
        }
    }

    /** Writes and syncs what was appended; by whoever is at the disk. */
    void syncAll() {
        long covered = write();
        guarded(log::sync);
        durableIndex = covered;
        hasIdleWork = log.hasIdleWork();
    }

    /**
     * Writes what was appended; by whoever is at the disk.
     *
     * @return the last index that was written
     */
    private long write() {
        List<LogEntry> batch;
        synchronized (this) {
            batch = pending;
            writing = batch;
            pending = new ArrayList<>();
            pendingBytes = 0;
        }
        if (!batch.isEmpty()) {
            guarded(() -> log.append(batch));
            synchronized (this) {
                writing = List.of();
            }
        }
        return log.lastIndex();
    }

    /** Whether the log below has idle work of its own. */
    boolean hasIdleWork() {
        return hasIdleWork;
    }

    /** Does the idle work of the log below; by whoever is at the disk. */
    void idle() {
        guarded(log::idle);
        hasIdleWork = log.hasIdleWork();
    }

    /** Drops entries that nobody needs, as far as whole segments; by whoever is at the disk, all being durable. */
    void truncatePrefix(long firstIndexToKeep) {
        places.writeLock().lock();
        try {
            guarded(() -> log.truncatePrefix(firstIndexToKeep));
        } finally {
            places.writeLock().unlock();
        }
        synchronized (this) {
            size.forgetBelow(log.firstIndex());
        }
    }

    /** Lets no entry go while something is done. */
    <T> T withPlacesKept(Supplier<T> action) {
        places.readLock().lock();
        try {
            return action.get();
        } finally {
            places.readLock().unlock();
        }
    }

    /** The record of an entry, wherever it is. */
    byte[] payloadAt(long index) {
        byte[] waiting = waitingAt(index);
        return waiting != null
                ? waiting
                : log.read(index, index, Long.MAX_VALUE).get(0).payload();
    }

    private synchronized byte[] waitingAt(long index) {
        byte[] found = in(writing, index);
        return found != null ? found : in(pending, index);
    }

    private static byte[] in(List<LogEntry> entries, long index) {
        if (entries.isEmpty() || index < entries.get(0).index()) {
            return null;
        }
        long at = index - entries.get(0).index();
        return at < entries.size() ? entries.get((int) at).payload() : null;
    }

    /** Runs what no failure of may be survived. */
    private void guarded(Runnable action) {
        checkUsable();
        try {
            action.run();
        } catch (StorageException e) {
            failed(e);
            throw e;
        } catch (RuntimeException | Error e) {
            failed(new StorageException("the shared log failed: " + e, e));
            throw e;
        }
    }

    private synchronized void failed(StorageException e) {
        if (failure == null) {
            failure = e;
        }
    }

    /** Throws what ended the journal, if anything has. */
    void checkUsable() {
        StorageException cause = failure;
        if (cause != null) {
            throw new StorageException("the shared log failed before and can't go on: " + cause.getMessage(), cause);
        }
        if (closed) {
            throw new StorageException("the shared log was closed");
        }
    }

    boolean isUsable() {
        return failure == null && !closed;
    }

    /** Makes durable what was appended, if that did not fail before, and closes the log. Closing twice does nothing. */
    @Override
    public void close() {
        disk.lock();
        try {
            if (closed) {
                return;
            }
            // Whatever happens, the files are closed.
            try (log) {
                if (failure == null && durableIndex < lastIndex) {
                    syncAll();
                }
            } finally {
                closed = true;
            }
        } finally {
            disk.unlock();
        }
    }
}
