package io.balsa.raft.node;

import io.balsa.raft.core.Entries;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Ready;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes entries durable, many at a time: everything that waits is appended, then one sync covers it all. So the slower the
 * disk, the larger the batches. If the log is one that groups share, the sync is left to their {@link GroupSync}. Any failure
 * goes up and halts the node: what a failed sync left on disk nobody knows.
 */
final class LogWriter implements DutyCycle {
    private static final long MAX_APPEND_BYTES = 4L << 20;
    private static final long MAX_SYNC_BYTES = 8L << 20;

    private sealed interface Work {}

    private record Write(Ready.Append append) implements Work {}

    private record Reset(long firstIndex) implements Work {}

    private record Compact(long belowIndex) implements Work {}

    private final LogStorage log;
    private final long maxQueuedBytes;
    private final DutySignal wakeup;
    private final DutySignal driver;
    private final Queue<Work> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final IdleWork idleWork;
    private final Optional<GroupSync> groupSync;
    private volatile long persistedSequence;
    private volatile Throwable failure;

    /**
     * @param maxQueuedBytes from how many waiting bytes on {@link #isFull()}
     * @param wakeup on which this writer sleeps
     * @param driver woken when something became durable
     */
    LogWriter(LogStorage log, long maxQueuedBytes, Clock clock, DutySignal wakeup, DutySignal driver) {
        this(log, maxQueuedBytes, clock, wakeup, driver, Optional.empty());
    }

    /** @param groupSync that syncs the log together with others; empty if this writer does */
    LogWriter(
            LogStorage log,
            long maxQueuedBytes,
            Clock clock,
            DutySignal wakeup,
            DutySignal driver,
            Optional<GroupSync> groupSync) {
        this.log = log;
        this.maxQueuedBytes = maxQueuedBytes;
        this.wakeup = wakeup;
        this.driver = driver;
        this.groupSync = groupSync;
        this.idleWork = new IdleWork(clock, log::hasIdleWork);
    }

    @Override
    public void onStart() {
        groupSync.ifPresent(sync -> sync.join(this));
    }

    @Override
    public void onClose() {
        groupSync.ifPresent(sync -> sync.leave(this));
    }

    /** Takes an append; by the driver only, in the order of the sequence numbers. */
    void submit(Ready.Append append) {
        queuedBytes.addAndGet(Entries.sizeOf(append.entries()));
        submit(new Write(append));
    }

    /** A snapshot takes the place of the whole log, which goes on at an index; by the driver only. */
    void reset(long firstIndex) {
        submit(new Reset(firstIndex));
    }

    /** What lies below an index is not needed any more; by the driver only. */
    void compactBelow(long index) {
        submit(new Compact(index));
    }

    private void submit(Work work) {
        queue.offer(work);
        wakeup.signal();
    }

    /** Whether the disk is so far behind that the driver must take no more entries from a leader. */
    boolean isFull() {
        return queuedBytes.get() >= maxQueuedBytes;
    }

    /** The last append that is durable, 0 before the first. */
    long persistedSequence() {
        return persistedSequence;
    }

    /** Everything up to an append is durable. By whoever syncs. */
    void durable(long sequence, long bytes) {
        queuedBytes.addAndGet(-bytes);
        persistedSequence = sequence;
        driver.signal();
    }

    /** The log that is shared failed at what was none of this writer's doing. From any thread. */
    void fail(Throwable cause) {
        failure = cause;
        wakeup.signal();
    }

    /** @return at least the number of entries that were appended */
    @Override
    public int doWork() {
        if (failure != null) {
            throw new StorageException(
                    "the log that is shared with other groups failed: " + failure.getMessage(), failure);
        }
        try {
            return workOff();
        } catch (StorageException failed) {
            // What is shared has failed for the others too, who may have nothing to write for long.
            groupSync.ifPresent(sync -> sync.fail(failed));
            throw failed;
        }
    }

    private int workOff() {
        Work next = queue.poll();
        if (next == null) {
            return idleNanos() > 0 ? 0 : doIdleWork();
        }
        Batch batch = new Batch();
        long compactBelow = 0;
        int work = 0;
        while (next != null) {
            if (next instanceof Write write) {
                batch.add(write.append());
                work += write.append().entries().size();
            } else if (next instanceof Reset reset) {
                batch.appendRun();
                log.reset(reset.firstIndex());
            } else if (next instanceof Compact compact) {
                compactBelow = Math.max(compactBelow, compact.belowIndex());
            }
            work++;
            // A writer that is fed as fast as it drains must sync all the same.
            next = batch.drainedBytes < MAX_SYNC_BYTES ? queue.poll() : null;
        }
        batch.finish();
        if (compactBelow > log.firstIndex()) {
            log.truncatePrefix(Math.min(compactBelow, log.lastIndex() + 1));
            groupSync.ifPresent(GroupSync::freed);
        }
        return work;
    }

    @Override
    public long idleNanos() {
        return idleWork.nanos();
    }

    /** The idle work alone: it may as well wait for the appends of other logs. */
    @Override
    public boolean mayWait() {
        return queue.isEmpty();
    }

    private int doIdleWork() {
        log.idle();
        idleWork.done();
        return 1;
    }

    /** What becomes durable by one sync: runs of consecutive entries. */
    private final class Batch {
        private List<LogEntry> run = List.of();
        /** Whether the run is a copy, which may grow. */
        private boolean isOwn;

        private long runBytes;
        private long drainedBytes;
        private long lastSequence;

        void add(Ready.Append append) {
            List<LogEntry> entries = append.entries();
            long bytes = Entries.sizeOf(entries);
            boolean continues = !run.isEmpty()
                    && run.get(run.size() - 1).index() + 1 == entries.get(0).index();
            if (!continues || runBytes + bytes > MAX_APPEND_BYTES) {
                appendRun();
            }
            extendRun(entries);
            runBytes += bytes;
            drainedBytes += bytes;
            lastSequence = append.sequence();
        }

        /** Mostly there is but one append, which needs no copy. */
        private void extendRun(List<LogEntry> entries) {
            if (run.isEmpty()) {
                run = entries;
                isOwn = false;
                return;
            }
            if (!isOwn) {
                run = new ArrayList<>(run);
                isOwn = true;
            }
            run.addAll(entries);
        }

        void appendRun() {
            if (!run.isEmpty()) {
                log.append(run);
                run = List.of();
                runBytes = 0;
            }
        }

        void finish() {
            if (lastSequence == 0) {
                return;
            }
            appendRun();
            if (groupSync.isPresent()) {
                groupSync.get().request(LogWriter.this, lastSequence, drainedBytes);
            } else {
                log.sync();
                durable(lastSequence, drainedBytes);
                idleWork.synced();
            }
        }
    }
}
