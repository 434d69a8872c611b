package io.balsa.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that a report is made of.
 *
 * @param measurements of all rounds, in the order in which they were taken
 */
public record RunRecord(
        Conditions conditions, List<Product> products, List<Measurement> measurements, List<Failure> failures) {
    static final String REPLICATION = "ReplicationBenchmark";
    static final String FLOOR = "FloorBenchmark";
    static final String OPEN_LOOP = "OpenLoopBenchmark";

    /** Those that were asked for something. */
    List<Product> askedProducts() {
        Set<String> asked = Stream.concat(
                        measurements.stream().map(Measurement::trial),
                        failures.stream().map(Failure::trial))
                .map(trial -> trial.parameter("product"))
                .collect(Collectors.toSet());
        return products.stream()
                .filter(product -> asked.contains(product.name()))
                .toList();
    }

    /** The rounds of each trial of a benchmark. */
    Map<Trial, List<Measurement>> roundsOf(String benchmark) {
        Map<Trial, List<Measurement>> rounds = new LinkedHashMap<>();
        for (Measurement measurement : measurements) {
            if (measurement.trial().benchmark().equals(benchmark)) {
                rounds.computeIfAbsent(measurement.trial(), unused -> new ArrayList<>())
                        .add(measurement);
            }
        }
        return rounds;
    }

    /** The mean over the rounds of each trial of a benchmark. */
    List<Measurement> meansOf(String benchmark) {
        return roundsOf(benchmark).values().stream().map(Measurement::mean).toList();
    }

    List<Failure> failuresOf(String benchmark) {
        return failures.stream()
                .filter(failure -> failure.trial().benchmark().equals(benchmark))
                .toList();
    }

    /** All but those that have sections of their own. */
    List<String> otherBenchmarks() {
        List<String> names = new ArrayList<>();
        measurements.forEach(measurement -> names.add(measurement.trial().benchmark()));
        failures.forEach(failure -> names.add(failure.trial().benchmark()));
        return names.stream()
                .filter(name -> !name.equals(REPLICATION) && !name.equals(FLOOR))
                .distinct()
                .toList();
    }
}
