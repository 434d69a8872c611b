package io.balsa.raft.node;

/** What a duty may wait for, so that a runner with few threads can keep apart what must not wait for each other. */
public enum DutyKind {
    /**
     * Keeps time for a group: what is late here costs leaders their office. Itself waits for nothing but votes becoming durable. Or
     * waits for nothing at all, such as who appends to a log that is synced for many groups.
     */
    DRIVER,

    /** Runs the state machine, which takes its time with some commands and with restoring a snapshot. */
    APPLY,

    /** Waits for the disk that every command waits for. */
    LOG,

    /** Reads and writes whole snapshots, which may take minutes, and nobody waits for. */
    BULK
}
