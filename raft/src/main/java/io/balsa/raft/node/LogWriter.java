package io.balsa.raft.node;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Ready;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/**
 * Makes entries durable, many at a time: everything that waits is appended, then one sync covers it all. So the slower the
 * disk, the larger the batches. Any failure goes up and halts the node: what a failed sync left on disk nobody knows.
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
    private final ManyToOneConcurrentLinkedQueue<Work> queue = new ManyToOneConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private volatile long persistedSequence;

    /**
     * @param maxQueuedBytes from how many waiting bytes on {@link #isFull()}
     * @param wakeup on which this writer sleeps
     * @param driver woken when something became durable
     */
    LogWriter(LogStorage log, long maxQueuedBytes, DutySignal wakeup, DutySignal driver) {
        this.log = log;
        this.maxQueuedBytes = maxQueuedBytes;
        this.wakeup = wakeup;
        this.driver = driver;
    }

    /** Takes an append; by the driver only, in the order of the sequence numbers. */
    void submit(Ready.Append append) {
        queuedBytes.addAndGet(sizeOf(append.entries()));
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

    @Override
    public int doWork() {
        Work next = queue.poll();
        if (next == null) {
            return 0;
        }
        Batch batch = new Batch();
        long compactBelow = 0;
        int work = 0;
        while (next != null) {
            if (next instanceof Write write) {
                batch.add(write.append());
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
        return Long.MAX_VALUE;
    }

    private static long sizeOf(List<LogEntry> entries) {
        long bytes = 0;
        for (LogEntry entry : entries) {
            bytes += entry.sizeInBytes();
        }
        return bytes;
    }

    /** What becomes durable by one sync: runs of consecutive entries. */
    private final class Batch {
        private List<LogEntry> run = new ArrayList<>();
        private long runBytes;
        private long drainedBytes;
        private long lastSequence;

        void add(Ready.Append append) {
            List<LogEntry> entries = append.entries();
            long bytes = sizeOf(entries);
            boolean continues = !run.isEmpty()
                    && run.get(run.size() - 1).index() + 1 == entries.get(0).index();
            if (!continues || runBytes + bytes > MAX_APPEND_BYTES) {
                appendRun();
            }
            run.addAll(entries);
            runBytes += bytes;
            drainedBytes += bytes;
            lastSequence = append.sequence();
        }

        void appendRun() {
            if (!run.isEmpty()) {
                log.append(run);
                run = new ArrayList<>();
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
        }
    }
}
