package io.balsa.raft.node;

/**
 * Gives the duties of nodes a place to run: a thread for each ({@link #ownThreads()}), threads that many share, or one
 * that turns the hands of a simulated clock. Thread-safe.
 */
@FunctionalInterface
public interface DutyRunner {
    /** A place for one duty. What it needs, it takes when the duty is started. */
    DutySlot slot(String name);

    /**
     * Like {@link #slot(String)}, for a runner that keeps apart what may wait for a disk from what must go on.
     *
     * @param mayBlock whether rounds of the duty wait for a disk
     */
    default DutySlot slot(String name, boolean mayBlock) {
        return slot(name);
    }

    /** A thread for each duty. */
    static DutyRunner ownThreads() {
        return DutyThread::new;
    }
}
