package io.balsa.bench.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.results.RunResult;

/** What the trials of a run came to: the mean over its rounds, by cell and product. */
final class Results {
    /**
     * What a product achieved in a cell.
     *
     * @param rate operations per second
     * @param p50Micros the median of latency
     * @param p999Micros of thousand latencies, 999 are at most this
     */
    record Measured(double rate, double p50Micros, double p999Micros) {}

    private record Key(Cell cell, String product) {}

    private final Map<Key, List<Measured>> measured = new LinkedHashMap<>();
    private final Map<Key, String> failures = new LinkedHashMap<>();
    private final List<RunResult> raw = new ArrayList<>();
    private final Map<SuiteTrial, RunResult> suite = new LinkedHashMap<>();
    private final Map<SuiteTrial, String> suiteFailures = new LinkedHashMap<>();
    private final Map<SuiteTrial, String> leftOut = new LinkedHashMap<>();

    void add(Plan.Trial trial, Collection<RunResult> results) {
        raw.addAll(results);
        for (RunResult result : results) {
            add(
                    trial.cell(),
                    trial.product().name(),
                    new Measured(
                            result.getPrimaryResult().getScore(),
                            secondary(result, "p50"),
                            secondary(result, "p99.9")));
        }
    }

    void add(Cell cell, String product, Measured trial) {
        measured.computeIfAbsent(new Key(cell, product), unused -> new ArrayList<>())
                .add(trial);
    }

    private static double secondary(RunResult result, String name) {
        return result.getSecondaryResults().containsKey(name)
                ? result.getSecondaryResults().get(name).getScore()
                : Double.NaN;
    }

    void failed(Cell cell, String product, String reason) {
        failures.put(new Key(cell, product), reason);
    }

    void add(SuiteTrial trial, RunResult result) {
        raw.add(result);
        suite.put(trial, result);
    }

    void failed(SuiteTrial trial, String reason) {
        suiteFailures.put(trial, reason);
    }

    void leftOut(SuiteTrial trial, String reason) {
        leftOut.put(trial, reason);
    }

    /** What this machine lacks the programs for. */
    Map<SuiteTrial, String> leftOut() {
        return leftOut;
    }

    /** Of Balsa's own benchmarks, in the order in which they were measured. */
    Map<SuiteTrial, RunResult> suite() {
        return suite;
    }

    Map<SuiteTrial, String> suiteFailures() {
        return suiteFailures;
    }

    /** As JMH gave them, of all rounds. */
    List<RunResult> raw() {
        return raw;
    }

    Set<Cell> cells() {
        Set<Cell> cells = new LinkedHashSet<>();
        measured.keySet().forEach(key -> cells.add(key.cell()));
        failures.keySet().forEach(key -> cells.add(key.cell()));
        return cells;
    }

    /** In the order in which they were measured. */
    Map<String, Measured> of(Cell cell) {
        Map<String, Measured> ofCell = new LinkedHashMap<>();
        measured.forEach((key, trials) -> {
            if (key.cell().equals(cell)) {
                ofCell.put(key.product(), mean(trials));
            }
        });
        return ofCell;
    }

    /** Of each round, in their order. */
    List<Measured> roundsOf(Cell cell, String product) {
        return measured.getOrDefault(new Key(cell, product), List.of());
    }

    Map<String, String> failuresOf(Cell cell) {
        Map<String, String> ofCell = new LinkedHashMap<>();
        failures.forEach((key, reason) -> {
            if (key.cell().equals(cell)) {
                ofCell.put(key.product(), reason);
            }
        });
        return ofCell;
    }

    private static Measured mean(List<Measured> trials) {
        return new Measured(
                trials.stream().mapToDouble(Measured::rate).average().orElseThrow(),
                trials.stream().mapToDouble(Measured::p50Micros).average().orElseThrow(),
                trials.stream().mapToDouble(Measured::p999Micros).average().orElseThrow());
    }
}
