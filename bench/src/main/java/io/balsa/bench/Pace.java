package io.balsa.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The moments when operations of a fixed rate are due. For one thread. */
final class Pace {
    private final long beganNanos = System.nanoTime();
    private final double intervalNanos;
    private long operations;

    /** Begins now. */
    Pace(int perSecond) {
        this.intervalNanos = (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /**
     * Waits until the next is due; not at all if that was before.
     *
     * @return when it was due, by {@link System#nanoTime()}
     */
    long awaitNext() {
        operations++;
        long due = beganNanos + Math.round(operations * intervalNanos);
        long left = due - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(this, left);
            left = due - System.nanoTime();
        }
        return due;
    }
}
