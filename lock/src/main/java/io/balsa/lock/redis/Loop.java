package io.balsa.lock.redis;

import java.util.concurrent.Executor;

/** Time, and where things happen: a thread of one's own for what waits, and others for what the application continues with. */
interface Loop extends AutoCloseable {
    /** The monotonic clock, {@link System#nanoTime}. */
    long nanoTime();

    /** Runs a short task on the one thread that all state of waiters belongs to. Nothing happens after the close. */
    void execute(Runnable task);

    /**
     * Runs a short task there later.
     *
     * @return cancels it
     */
    Runnable schedule(long delayNanos, Runnable task);

    /** Completes the futures of applications, whose continuations may block. After the close: on the calling thread. */
    Executor callbacks();

    @Override
    void close();
}
