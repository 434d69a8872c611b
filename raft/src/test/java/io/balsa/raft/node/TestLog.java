package io.balsa.raft.node;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A log in memory whose syncs can be counted, held up and made to fail. Keeps its content when it is closed. */
final class TestLog implements LogStorage {
    private final List<LogEntry> entries = new ArrayList<>();
    private final AtomicInteger syncs = new AtomicInteger();
    private volatile RuntimeException syncFailure;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch atGate = new CountDownLatch(0);
    private volatile long syncedIndex;
    private volatile boolean closed;

    /** From now on a sync waits for {@link #openGate}. */
    synchronized void closeGate() {
        gate = new CountDownLatch(1);
        atGate = new CountDownLatch(1);
    }

    void openGate() {
        gate.countDown();
    }

    /** Waits until a sync stands before the closed gate. */
    void awaitSyncAtGate() throws InterruptedException {
        atGate.await();
    }

    void failSyncsWith(RuntimeException failure) {
        syncFailure = failure;
    }

    int syncs() {
        return syncs.get();
    }

    long syncedIndex() {
        return syncedIndex;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void append(List<LogEntry> appended) {
        int keep = (int) (appended.get(0).index() - 1);
        if (keep > entries.size()) {
            throw new IllegalStateException("a gap before " + appended.get(0));
        }
        entries.subList(keep, entries.size()).clear();
        entries.addAll(appended);
    }

    @Override
    public void sync() {
        atGate.countDown();
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        syncs.incrementAndGet();
        if (syncFailure != null) {
            throw syncFailure;
        }
        syncedIndex = lastIndex();
    }

    @Override
    public synchronized long firstIndex() {
        return 1;
    }

    @Override
    public synchronized long lastIndex() {
        return entries.size();
    }

    @Override
    public synchronized long termAt(long index) {
        return entries.get((int) index - 1).term();
    }

    @Override
    public synchronized List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        List<LogEntry> result = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= toIndex; index++) {
            LogEntry entry = entries.get((int) index - 1);
            bytes += entry.sizeInBytes();
            if (bytes > maxBytes && !result.isEmpty()) {
                break;
            }
            result.add(entry);
        }
        return List.copyOf(result);
    }

    @Override
    public void close() {
        closed = true;
    }
}
