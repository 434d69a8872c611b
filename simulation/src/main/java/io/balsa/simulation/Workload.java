package io.balsa.simulation;

import io.balsa.raft.core.LogEntry;

/**
 * What the clients of one run do, and what they hold the group to. Everything in it happens on one thread; nothing in it may
 * wait, draw from other chance than it is given, or read a clock of the system.
 */
public interface Workload {
    /** A process begins: it shall do what clients do, until it ends or {@link #stop} is called. */
    void begin(ClientProcess process);

    /** A process has ended without a word; another may begin in its place. */
    default void ended(ClientProcess process) {}

    /** The clients shall ask for much at once, for once. */
    default void hurry() {}

    /** An entry was applied for the first time by any server. */
    default void applied(LogEntry entry, byte[] result) {}

    /** Enough: what is under way may end, nothing new begins. */
    void stop();

    /** How many operations have succeeded so far. The group is alive as long as this grows. */
    long succeeded();

    /** All is over: whatever can be judged only now. */
    default void finish() {}
}
