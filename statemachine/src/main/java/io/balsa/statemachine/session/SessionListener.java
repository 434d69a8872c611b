package io.balsa.statemachine.session;

/** Hears of changes of a session's state, in order, on a thread of the session that may block. */
@FunctionalInterface
public interface SessionListener {
    /** The session is in this state now. */
    void onStateChanged(SessionState state);
}
