package io.balsa.simulation;

import io.balsa.simulation.history.History;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of one seed.
 *
 * @param violation what broke; empty when the run passed
 * @param traceHash the same for every run of the same seed with the same options and classes
 * @param simulatedNanos how much time passed in it
 * @param events how many things happened in it
 * @param committedEntries how many entries were committed
 * @param terms how many terms had a leader
 * @param operations how many operations of clients succeeded
 * @param faults how often something went wrong, by kind
 * @param histories what the clients asked and were told, by the model that judges it
 * @param tail the last lines of the trace, if they were asked for
 */
public record SimulationResult(
        long seed,
        Optional<Violation> violation,
        long traceHash,
        long simulatedNanos,
        long events,
        long committedEntries,
        int terms,
        long operations,
        Map<Fault, Long> faults,
        Map<String, History> histories,
        List<String> tail) {
    /** Whether nothing broke. */
    public boolean passed() {
        return violation.isEmpty();
    }

    /** This, broken as {@code determinism} if another run of the same seed, with the same options, had another trace. */
    SimulationResult comparedWith(SimulationResult other) {
        if (traceHash == other.traceHash) {
            return this;
        }
        Violation differs =
                new Violation("determinism", "two runs of the same seed had different traces", simulatedNanos);
        return new SimulationResult(
                seed,
                Optional.of(differs),
                traceHash,
                simulatedNanos,
                events,
                committedEntries,
                terms,
                operations,
                faults,
                histories,
                tail);
    }
}
