package io.balsa.raft.client;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Pauses that double up to a bound, each drawn from its upper half, so that clients which failed together do not come back
 * together.
 */
final class Backoff {
    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;

    /** @param random thread-safe if the backoff is shared by threads */
    Backoff(long firstMillis, long longestMillis, RandomGenerator random) {
        this.firstNanos = TimeUnit.MILLISECONDS.toNanos(firstMillis);
        this.longestNanos = TimeUnit.MILLISECONDS.toNanos(longestMillis);
        this.random = random;
    }

    /** @param pausesBefore how often one has paused already */
    long pauseNanos(int pausesBefore) {
        long full = Math.min(longestNanos, firstNanos << Math.min(pausesBefore, 20));
        return full / 2 + (long) (random.nextDouble() * (full / 2.0));
    }
}
