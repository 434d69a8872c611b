package io.balsa.raft.port;

/**
 * The place that the logs of many groups share, so that one sync makes durable what was appended to any of them. Thread-safe.
 *
 * <p>Every method may throw {@link StorageException}. Then the same is true of all of the logs, and the node of each must halt.
 */
public interface GroupLogs {
    /** Makes durable whatever was appended to any of the logs before the call. Returns only when it is. A failure is final. */
    void sync();

    /** Whether there is work for {@link #idle()}. */
    boolean hasIdleWork();

    /** Does a piece of what {@link #sync} left for later, since nobody waits for it, unless another thread is at it. */
    void idle();
}
