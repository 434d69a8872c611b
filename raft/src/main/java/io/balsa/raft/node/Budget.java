package io.balsa.raft.node;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds what is under way, in count and in bytes. Thread-safe. */
final class Budget {
    private final int maxCount;
    private final long maxBytes;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    Budget(int maxCount, long maxBytes) {
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
    }

    /**
     * Takes room for one more.
     *
     * @return false when there is none; then nothing was taken
     */
    boolean tryTake(long size) {
        if (count.incrementAndGet() > maxCount) {
            count.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > maxBytes) {
            giveBack(size);
            return false;
        }
        return true;
    }

    void giveBack(long size) {
        bytes.addAndGet(-size);
        count.decrementAndGet();
    }

    int count() {
        return count.get();
    }
}
