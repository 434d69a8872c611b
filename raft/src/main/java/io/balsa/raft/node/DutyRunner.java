package io.balsa.raft.node;

/**
 * Gives the duties of nodes a place to run: a thread for each ({@link #ownThreads()}), threads that many share, or one
 * that turns the hands of a simulated clock. Thread-safe.
 */
@FunctionalInterface
public interface DutyRunner {
    /** A place for one duty. What it needs, it takes when the duty is started. */
    DutySlot slot(String name);

    /** Like {@link #slot(String)}, for a runner that lets a duty wait only for others of its kind. */
    default DutySlot slot(String name, DutyKind kind) {
        return slot(name);
    }

    /** A thread for each duty. */
    static DutyRunner ownThreads() {
        return DutyThread::new;
    }
}
