package io.balsa.bench.report;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What became of a product at one work. */
sealed interface Outcome {
    /**
     * It gave figures.
     *
     * @param rounds in their order, at least one
     * @param failure of another round
     */
    record Measured(List<Measurement> rounds, Optional<String> failure) implements Outcome {
        Measurement mean() {
            return Measurement.mean(rounds);
        }

        /** Of each round, in operations per second. */
        List<Double> rates() {
            return ofRounds(round -> round.score().value());
        }

        /** A figure of each round. */
        List<Double> ofRounds(ToDoubleFunction<Measurement> figure) {
            return rounds.stream().map(figure::applyAsDouble).toList();
        }

        double rate() {
            return mean().score().value();
        }

        double lowestRate() {
            return rates().stream().mapToDouble(rate -> rate).min().orElseThrow();
        }

        double highestRate() {
            return rates().stream().mapToDouble(rate -> rate).max().orElseThrow();
        }
    }

    /** It gave none. */
    record Failed(String reason) implements Outcome {}

    /** It was not asked. */
    record NotRun() implements Outcome {}
}
