package io.balsa.raft.adapter;

import io.balsa.raft.port.Clock;

/**
 * The machine's monotonic clock. {@link System#nanoTime} is {@code CLOCK_MONOTONIC} on Linux: setting the wall clock does
 * not touch it, and it goes on while the process is stopped, but not while the whole machine sleeps.
 */
public final class SystemClock implements Clock {
    /** The only one that is needed. */
    public static final SystemClock INSTANCE = new SystemClock();

    private SystemClock() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
