package io.balsa.simulation;

import io.balsa.simulation.history.HistoryRecorder;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** What a {@link Workload} is given besides its processes. */
public interface WorkloadContext {
    /** The world's time, by which no process lives. */
    long nowNanos();

    /** Chance for a component of the workload. */
    SplittableRandom random(String component);

    /**
     * Takes down what clients ask and are told.
     *
     * @param model what judges it: each has a history of its own
     */
    HistoryRecorder history(String model);

    /**
     * Ends the run unless a condition holds.
     *
     * @param invariant the stable name of what was broken
     */
    void require(boolean condition, String invariant, Supplier<String> detail);
}
