package io.balsa.raft.adapter;

import java.io.IOException;

/** What arrived is not what the protocol allows. The connection that it came on must be closed; nothing else is harmed. */
public final class MalformedFrameException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }

    public MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
