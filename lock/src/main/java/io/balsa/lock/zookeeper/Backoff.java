package io.balsa.lock.zookeeper;

import java.util.concurrent.TimeUnit;

/** How long to wait before something is tried again: twice as long each time, up to a second. Not thread-safe. */
final class Backoff {
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private long nextNanos = FIRST_NANOS;

    long nextNanos() {
        long now = nextNanos;
        nextNanos = Math.min(LONGEST_NANOS, nextNanos * 2);
        return now;
    }
}
