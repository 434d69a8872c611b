package io.balsa.raft.node;

/** Tells the runner of a {@link DutyCycle} that there is something for it. Thread-safe. */
@FunctionalInterface
public interface DutySignal {
    /**
     * Has the duty run another round soon. Cheap when it is running anyway; counts also before it was started. Whoever
     * signals must have made its gift visible before.
     */
    void signal();
}
