package io.balsa.statemachine.session;

/** How a {@link Session} stands with the cluster, as far as the client can know by its own clock. */
public enum SessionState {
    /** The cluster answers. */
    CONNECTED,
    /**
     * The cluster does not answer; the session may still live. Locks are valid as long as their leases say so, and waiting
     * calls go on waiting.
     */
    SUSPENDED,
    /**
     * The session has ended, or must be taken for ended: the cluster said so, or did not answer for the session's whole
     * time to live. Its locks are lost and its services vanish. Final.
     */
    LOST,
    /** Closed or detached by the application. Final. */
    CLOSED;

    /** Whether nothing comes after it. */
    public boolean isFinal() {
        return this == LOST || this == CLOSED;
    }
}
