package io.balsa.raft.client;

/** Time for a client, and things to do later. Thread-safe. */
public interface Timer extends AutoCloseable {
    /** Monotonic. */
    long nanoTime();

    /**
     * Runs a task once, later, on the timer's thread; it must not block there.
     *
     * @return takes the task back, if it has not run
     */
    Runnable schedule(long delayNanos, Runnable task);

    /** Forgets all tasks and ends the thread. */
    @Override
    void close();
}
