package io.balsa.statemachine.session;

/**
 * Tells the cluster how one registered instance is, damped: however often the health flaps, at most one change in an interval
 * is written. Thread-safe.
 *
 * <p>A change after a quiet interval is written at once. Within an interval only the latest counts, and is written at its
 * end, if it differs from what the cluster has by then. So the log grows by at most one entry an interval and instance, and
 * what the cluster has is never older than an interval and a write.
 */
public interface ServiceHealth extends AutoCloseable {
    /** Says how the instance is now. Never waits; what can't be written is tried again until the session ends. */
    void report(ServiceStatus status);

    /** Reports no more. The instance stays registered as it was written last. Closing twice does nothing. */
    @Override
    void close();
}
