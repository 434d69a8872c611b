package io.balsa.simulation.history;

import java.util.Objects;
import java.util.Optional;

/**
 * What a check found out about a history.
 *
 * @param outcome the verdict
 * @param operations how many operations there were, also those that tell nothing
 * @param partitions how many independent keys, locks or the like
 * @param reason in one line, why no verdict was reached; empty otherwise
 * @param counterexample what can't be explained, if it is not linearizable
 */
public record Verdict(
        Outcome outcome, int operations, int partitions, String reason, Optional<Counterexample> counterexample) {
    /** The three verdicts. */
    public enum Outcome {
        LINEARIZABLE,
        NOT_LINEARIZABLE,
        /** The limits did not suffice to tell. */
        UNKNOWN
    }

    public Verdict {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(counterexample, "counterexample");
    }

    /** Whether one copy of the data could have given all answers. */
    public boolean isLinearizable() {
        return outcome == Outcome.LINEARIZABLE;
    }
}
