package io.balsa.lock.zookeeper;

import java.util.concurrent.Executor;

/** Time and threads as a backend sees them. */
interface BackendRuntime {
    /** The monotonic clock, that of {@link System#nanoTime} outside of tests. */
    long nanoTime();

    /**
     * Runs a short task later, which does not block.
     *
     * @return cancels it
     */
    Runnable schedule(long delayNanos, Runnable task);

    /** Where callers' futures are completed, and what may block is done. */
    Executor callers();
}
