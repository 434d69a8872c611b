package io.balsa.lock;

import java.util.concurrent.Executor;

/** Time as leases see it. */
interface LeaseTimer {
    /** The monotonic clock; that of the session. */
    long nanoTime();

    /**
     * Runs a short task later.
     *
     * @return cancels it
     */
    Runnable schedule(long delayNanos, Runnable task);

    /** Calls listeners. */
    Executor listeners();

    /** Completes the futures of applications, whose code may follow there and wait for other locks. */
    Executor callers();
}
