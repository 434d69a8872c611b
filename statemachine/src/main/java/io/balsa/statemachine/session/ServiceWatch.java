package io.balsa.statemachine.session;

/** A watch that is running. */
public interface ServiceWatch extends AutoCloseable {
    /** Everything up to this log index was told; another watch, also of another session, may go on from here. */
    long index();

    /** Ends the watch. The listener is not called any more, except for a call that is running. Twice does nothing. */
    @Override
    void close();
}
