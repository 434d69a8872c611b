package io.balsa.bench.command;

import io.balsa.bench.report.RoundRatio;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Prints results for people, in 80 columns: cell by cell, the fastest first, and how Balsa stands to the best peer. */
final class ResultTable {
    private static final String OURS = "balsa";

    private ResultTable() {}

    static void print(Results results, PrintWriter out) {
        for (Cell cell : results.cells()) {
            out.println();
            out.println(cell.name());
            Map<String, Results.Measured> measured = results.of(cell);
            List<Map.Entry<String, Results.Measured>> fastestFirst = measured.entrySet().stream()
                    .sorted(Comparator.comparingDouble(
                            entry -> -entry.getValue().rate()))
                    .toList();
            for (Map.Entry<String, Results.Measured> entry : fastestFirst) {
                Results.Measured m = entry.getValue();
                out.printf(
                        Locale.ROOT,
                        "  %-16s %,12.0f ops/s   p50 %,9.0f us   p99.9 %,11.0f us%n",
                        entry.getKey(),
                        m.rate(),
                        m.p50Micros(),
                        m.p999Micros());
            }
            results.failuresOf(cell).forEach((product, reason) -> out.printf("  %-16s failed: %s%n", product, reason));
            comparison(results, cell).ifPresent(line -> out.println("  " + line));
        }
        out.flush();
    }

    /** Empty unless both were measured. */
    static Optional<String> comparison(Results results, Cell cell) {
        List<Results.Measured> ours = results.roundsOf(cell, OURS);
        return results.of(cell).entrySet().stream()
                .filter(entry -> !entry.getKey().startsWith(OURS))
                .max(Comparator.comparingDouble(entry -> entry.getValue().rate()))
                .map(Map.Entry::getKey)
                .filter(best -> !ours.isEmpty())
                .map(best -> {
                    List<Results.Measured> theirs = results.roundsOf(cell, best);
                    RoundRatio rates = ratio(ours, theirs, Results.Measured::rate);
                    return String.format(
                            Locale.ROOT,
                            "balsa : %s = %.2f%s in operations, %.2f in p50",
                            best,
                            rates.value(),
                            rates.rangeText(),
                            ratio(ours, theirs, Results.Measured::p50Micros).value());
                });
    }

    private static RoundRatio ratio(
            List<Results.Measured> ours, List<Results.Measured> theirs, Function<Results.Measured, Double> figure) {
        return RoundRatio.of(
                ours.stream().map(figure).toList(), theirs.stream().map(figure).toList());
    }
}
