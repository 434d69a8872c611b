package io.balsa.raft.client;

/** A request did not succeed. The subclasses tell what that means for the state of the cluster. */
public abstract class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected RequestException(String message) {
        super(message);
    }

    protected RequestException(String message, Throwable cause) {
        super(message, cause);
    }
}
