package io.balsa.raft.port;

/** One thread that runs tasks one after the other, such as that of a network's connections. Thread-safe. */
public interface TaskLoop {
    /**
     * Runs a task after those that were given before. Never blocks.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the thread has ended or is about to
     */
    void execute(Runnable task);

    /**
     * Runs a task when those that wait are done, just before the thread looks at its connections again. For tasks of the loop
     * only. Never blocks.
     */
    void beforeNextLook(Runnable task);

    /**
     * Runs a task after a delay, unless the thread ends before. Never blocks.
     *
     * @param delayNanos at least 0
     * @throws java.util.concurrent.RejectedExecutionException if the thread has ended or is about to
     */
    void schedule(Runnable task, long delayNanos);

    /** Whether the caller is that thread. */
    boolean isCurrent();
}
