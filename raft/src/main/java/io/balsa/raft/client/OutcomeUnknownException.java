package io.balsa.raft.client;

/** The command may have been applied, may still be, or may never be. Only a read, or a retry that is exactly-once, tells. */
public class OutcomeUnknownException extends RequestException {
    private static final long serialVersionUID = 1L;

    public OutcomeUnknownException(String message) {
        super(message);
    }
}
