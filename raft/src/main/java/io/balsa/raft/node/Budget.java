package io.balsa.raft.node;

import io.balsa.raft.core.Invariant;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds what is under way, in count and in bytes. Thread-safe. */
final class Budget {
    /** Count and bytes share a word, so that taking and giving back is one step each: the count lies above these bits. */
    private static final int BYTES_BITS = 40;

    private static final long ONE = 1L << BYTES_BITS;
    private static final long BYTES_MASK = ONE - 1;
    /** Half of what there is room for, so that those who are about to be refused can't reach the other's bits. */
    private static final long LARGEST_BYTES = BYTES_MASK / 2;

    static final int LARGEST_COUNT = 1 << (Long.SIZE - BYTES_BITS - 2);

    private final int maxCount;
    private final long maxBytes;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param maxCount at most {@link #LARGEST_COUNT}
     * @param maxBytes half a terabyte at most, or else it is that
     */
    Budget(int maxCount, long maxBytes) {
        Invariant.check(maxCount <= LARGEST_COUNT, "no more than %d are counted, not %d", LARGEST_COUNT, maxCount);
        this.maxCount = maxCount;
        this.maxBytes = Math.min(maxBytes, LARGEST_BYTES);
    }

    /**
     * Takes room for one more.
     *
     * @return false when there is none; then nothing was taken
     */
    boolean tryTake(long size) {
        if (size > maxBytes) {
            return false;
        }
        long now = taken.addAndGet(ONE + size);
        if (countOf(now) > maxCount || (now & BYTES_MASK) > maxBytes) {
            giveBack(size);
            return false;
        }
        return true;
    }

    void giveBack(long size) {
        giveBack(1, size);
    }

    /** Gives back the room of several, in one step. */
    void giveBack(int count, long size) {
        taken.addAndGet(-count * ONE - size);
    }

    int count() {
        return countOf(taken.get());
    }

    private static int countOf(long value) {
        return (int) (value >> BYTES_BITS);
    }
}
