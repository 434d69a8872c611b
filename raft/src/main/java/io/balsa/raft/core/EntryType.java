package io.balsa.raft.core;

/** What an entry of the log is for. */
public enum EntryType {
    /** Appended by a new leader, so that it can commit an entry of its own term (section 8 of the paper). */
    NO_OP,
    /** A command of a client, to be applied to the state machine. */
    COMMAND,
    /** Carries nothing but its timestamp: it moves the replicated clock on when a deadline is due. */
    CLOCK,
    /** A {@link Configuration}, in effect from the moment it is in a server's log (section 6 of the paper). */
    CONFIGURATION
}
