package io.balsa.raft.node;

/**
 * A part of a node that is given rounds of work, and says how long it may rest when it has none. Whoever runs it never
 * calls it from two threads at once, and makes what one call wrote visible to the next. A round may block on a disk.
 */
public interface DutyCycle {
    /** Called once, before the first round. */
    default void onStart() {}

    /**
     * One round.
     *
     * @return how much was done; 0 when there was nothing to do
     */
    int doWork();

    /** How long it has nothing to do, unless it is signalled; {@link Long#MAX_VALUE} for as long as nobody signals it. */
    long idleNanos();

    /** Whether the next round may take so long that it should not hold up other duties. Called from any thread. */
    default boolean mayTakeLong() {
        return false;
    }

    /** Whether nobody waits for the next round, so that it may wait for those of other duties. Called from any thread. */
    default boolean mayWait() {
        return false;
    }

    /** Called once, after the last round, also when a round failed. */
    default void onClose() {}
}
