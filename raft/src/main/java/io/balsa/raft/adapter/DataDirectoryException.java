package io.balsa.raft.adapter;

import java.util.Objects;

/** A data directory can't be used by this server; the message is for its operator and names the directory. */
public final class DataDirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why it can't be used. */
    public enum Reason {
        /** Another process, or another node in this one, has it open. */
        IN_USE,
        /** It belongs to a node of another cluster. */
        OTHER_CLUSTER,
        /** It belongs to another node of this cluster. */
        OTHER_NODE,
        /** Its log lies elsewhere than where it is asked for, or what is there is not its log. */
        OTHER_LOG,
        /** Something in it is missing or not as it was written. */
        DAMAGED,
        /** It can't be created, or written to. */
        NOT_WRITABLE
    }

    private final Reason reason;

    DataDirectoryException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    DataDirectoryException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    public Reason reason() {
        return reason;
    }
}
