package io.balsa.raft.port;

import java.util.Objects;

/**
 * Why a server takes no part in its group, though it runs.
 *
 * @param detail for people: what happened, and what to do
 */
public record Exclusion(Reason reason, String detail) {
    /** What happened. */
    public enum Reason {
        /** It was removed from the group, for ever. */
        REMOVED,
        /** The others know another data directory by its name. */
        REFUSED
    }

    public Exclusion {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(detail, "detail");
    }
}
