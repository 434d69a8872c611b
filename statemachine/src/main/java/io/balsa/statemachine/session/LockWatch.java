package io.balsa.statemachine.session;

/** A watch over a lock's holders that is running. */
public interface LockWatch extends AutoCloseable {
    /** Ends the watch. The listener is not called any more, except for a call that is running. Twice does nothing. */
    @Override
    void close();
}
