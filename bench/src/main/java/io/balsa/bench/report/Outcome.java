package io.balsa.bench.report;

import java.util.List;
import java.util.Optional;

/** What became of a product at one work. */
sealed interface Outcome {
    /**
     * It gave figures.
     *
     * @param rates of each round, in operations per second
     * @param failure of another round
     */
    record Measured(Measurement mean, List<Double> rates, Optional<String> failure) implements Outcome {
        double rate() {
            return mean.score().value();
        }

        double lowestRate() {
            return rates.stream().mapToDouble(rate -> rate).min().orElseThrow();
        }

        double highestRate() {
            return rates.stream().mapToDouble(rate -> rate).max().orElseThrow();
        }
    }

    /** It gave none. */
    record Failed(String reason) implements Outcome {}

    /** It was not asked. */
    record NotRun() implements Outcome {}
}
