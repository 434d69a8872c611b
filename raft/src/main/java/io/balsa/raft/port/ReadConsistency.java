package io.balsa.raft.port;

/** How fresh a read must be. */
public enum ReadConsistency {
    /** Sees every write that was acknowledged before the read began. The leader confirms its leadership first. */
    LINEARIZABLE,
    /** Served by any server that has applied at least the index that the client names. */
    SESSION,
    /** Served at once by any server from what it has applied; may be stale. */
    LOCAL
}
