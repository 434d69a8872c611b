package io.balsa.raft.port;

/** How fresh a read must be. */
public enum ReadConsistency {
    /** Sees every write that was acknowledged before the read began. The leader confirms its leadership first; any
     * other server asks the leader. */
    LINEARIZABLE,
    /**
     * Linearizable as well, as long as the clocks of any two servers differ in pace by no more than the drift that is
     * configured: the leader answers without asking anybody while it holds its lease.
     */
    LEASE,
    /** Served by any server that has applied at least the index that the client names. */
    SESSION,
    /** Served at once by any server from what it has applied; may be stale. */
    LOCAL
}
