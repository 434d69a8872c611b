package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;

/** Holds a stream of bytes to a rate, with bursts of a tenth of a second at most. Not thread-safe. */
final class Pace {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int BURSTS_PER_SECOND = 10;

    private final long bytesPerSecond;
    private long freeNanos;

    /** @param nowNanos of the clock that the calls will go by */
    Pace(long bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.freeNanos = nowNanos;
    }

    /** How long to wait before more bytes may go; 0 or less for now. */
    long nanosUntilFree(long nowNanos) {
        return freeNanos - nowNanos;
    }

    /** Notes that so many bytes go now. */
    void take(int bytes, long nowNanos) {
        // What was not used up to now counts for a short burst only.
        long earliest = nowNanos - NANOS_PER_SECOND / BURSTS_PER_SECOND;
        long from = freeNanos - earliest < 0 ? earliest : freeNanos;
        freeNanos = from + (long) ((double) bytes * NANOS_PER_SECOND / bytesPerSecond);
    }
}
