package io.balsa.raft.node;

import java.util.function.Consumer;

/** The place where one {@link DutyCycle} is run, from its start until it is stopped or anything at all goes wrong in it. */
public interface DutySlot extends DutySignal {
    /**
     * Begins to run a duty: {@code onStart}, then a round whenever it was signalled, did something in the last round, or
     * its idle time is over. Once only.
     *
     * @param onFailure told of whatever ended the duty before it was stopped, where the duty runs; {@code onClose} follows
     */
    void start(DutyCycle duty, Consumer<Throwable> onFailure);

    /** Asks the duty to end after its current round, if it was started. */
    void stop();

    /**
     * Waits for the duty to end.
     *
     * @return whether it has ended or was never started, or the caller is in it
     */
    boolean join(long millis) throws InterruptedException;

    /** Whether the caller is in a call of the duty. */
    boolean isCurrent();
}
