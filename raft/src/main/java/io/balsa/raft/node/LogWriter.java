package io.balsa.raft.node;

import io.balsa.raft.core.Entries;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Ready;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes entries durable, many at a time: everything that waits is appended, then one sync covers it all. So the slower the
 * disk, the larger the batches. Any failure goes up and halts the node: what a failed sync left on disk nobody knows.
 */
final class LogWriter implements DutyCycle {
    private static final long MAX_APPEND_BYTES = 4L << 20;
    private static final long MAX_SYNC_BYTES = 8L << 20;

    /** The log's idle work waits for so long a pause, or for any pause when it has waited for so long. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long MAX_IDLE_WORK_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private sealed interface Work {}

    private record Write(Ready.Append append) implements Work {}

    private record Reset(long firstIndex) implements Work {}

    private record Compact(long belowIndex) implements Work {}

    private final LogStorage log;
    private final long maxQueuedBytes;
    private final Clock clock;
    private final DutySignal wakeup;
    private final DutySignal driver;
    private final Queue<Work> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private volatile long persistedSequence;
    // The writer's own.
    private boolean hasIdleWork;
    private long idleWorkSinceNanos;
    private long lastSyncNanos;

    /**
     * @param maxQueuedBytes from how many waiting bytes on {@link #isFull()}
     * @param wakeup on which this writer sleeps
     * @param driver woken when something became durable
     */
    LogWriter(LogStorage log, long maxQueuedBytes, Clock clock, DutySignal wakeup, DutySignal driver) {
        this.log = log;
        this.maxQueuedBytes = maxQueuedBytes;
        this.clock = clock;
        this.wakeup = wakeup;
        this.driver = driver;
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

    /** @return at least the number of entries that became durable */
    @Override
    public int doWork() {
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
        }
        return work;
    }

    @Override
    public long idleNanos() {
        if (!hasIdleWork) {
            return Long.MAX_VALUE;
        }
        long now = clock.nanoTime();
        long untilPause = lastSyncNanos + PAUSE_NANOS - now;
        return Math.max(0, Math.min(untilPause, idleWorkSinceNanos + MAX_IDLE_WORK_DELAY_NANOS - now));
    }

    /** The idle work alone: it may as well wait for the appends of other logs. */
    @Override
    public boolean mayWait() {
        return queue.isEmpty();
    }

    private int doIdleWork() {
        log.idle();
        hasIdleWork = false;
        return 1;
    }

    private void planIdleWork() {
        lastSyncNanos = clock.nanoTime();
        if (!hasIdleWork) {
            idleWorkSinceNanos = lastSyncNanos;
        }
        hasIdleWork = log.hasIdleWork();
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
            log.sync();
            queuedBytes.addAndGet(-drainedBytes);
            persistedSequence = lastSequence;
            driver.signal();
            planIdleWork();
        }
    }
}
