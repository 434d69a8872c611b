package io.balsa.raft.node;

import io.balsa.raft.adapter.MemoryLogStorage;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A log in memory whose syncs can be counted, held up and made to fail. Keeps its content when it is closed. */
class TestLog implements LogStorage {
    private final MemoryLogStorage entries = new MemoryLogStorage();
    private final AtomicInteger syncs = new AtomicInteger();
    private volatile RuntimeException syncFailure;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch atGate = new CountDownLatch(0);
    private volatile long syncedIndex;
    private volatile boolean closed;
    private volatile boolean leavesIdleWork;
    private volatile boolean hasIdleWork;
    private volatile int idles;

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

    /** From now on each sync leaves something for later. */
    void leaveIdleWork() {
        leavesIdleWork = true;
    }

    /** How often what was left for later was done. */
    int idles() {
        return idles;
    }

    @Override
    public boolean hasIdleWork() {
        return hasIdleWork;
    }

    @Override
    public synchronized void idle() {
        hasIdleWork = false;
        idles++;
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
    public void append(List<LogEntry> appended) {
        entries.append(appended);
    }

    @Override
    public void truncatePrefix(long firstIndexToKeep) {
        entries.truncatePrefix(firstIndexToKeep);
    }

    @Override
    public void reset(long firstIndex) {
        entries.reset(firstIndex);
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
        hasIdleWork = leavesIdleWork;
    }

    @Override
    public long firstIndex() {
        return entries.firstIndex();
    }

    @Override
    public long lastIndex() {
        return entries.lastIndex();
    }

    @Override
    public long termAt(long index) {
        return entries.termAt(index);
    }

    @Override
    public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        return entries.read(fromIndex, toIndex, maxBytes);
    }

    @Override
    public void close() {
        closed = true;
    }
}
