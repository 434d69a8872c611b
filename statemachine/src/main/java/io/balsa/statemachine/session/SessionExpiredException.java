package io.balsa.statemachine.session;

import io.balsa.raft.client.RequestException;

/**
 * The session ended before the operation was confirmed. It will never be executed from here on; if it was sent before the
 * session ended, it may have been executed once, then. The locks of the session are lost and its services are gone. The way
 * out is a new session.
 */
public final class SessionExpiredException extends RequestException {
    private static final long serialVersionUID = 1L;

    public SessionExpiredException(String message) {
        super(message);
    }
}
