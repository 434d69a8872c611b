package io.balsa.raft.adapter;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds what is taken in by count and by bytes. Thread-safe. */
final class ByteBudget {
    private final int maxCount;
    private final long maxBytes;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    ByteBudget(int maxCount, long maxBytes) {
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
    }

    /** Takes room, if there is some; then it must be given back. One item that is larger than all may come alone. */
    boolean tryReserve(long size) {
        int newCount = count.incrementAndGet();
        long newBytes = bytes.addAndGet(size);
        if (newCount > maxCount || (newBytes > maxBytes && newCount > 1)) {
            release(size);
            return false;
        }
        return true;
    }

    void release(long size) {
        count.decrementAndGet();
        bytes.addAndGet(-size);
    }

    int count() {
        return count.get();
    }
}
