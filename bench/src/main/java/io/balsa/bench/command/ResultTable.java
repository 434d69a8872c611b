package io.balsa.bench.command;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
            comparison(measured).ifPresent(line -> out.println("  " + line));
        }
        out.flush();
    }

    /** Empty unless both were measured. */
    static Optional<String> comparison(Map<String, Results.Measured> measured) {
        Results.Measured ours = measured.get(OURS);
        return measured.entrySet().stream()
                .filter(entry -> !entry.getKey().startsWith(OURS))
                .max(Comparator.comparingDouble(entry -> entry.getValue().rate()))
                .filter(best -> ours != null)
                .map(best -> String.format(
                        Locale.ROOT,
                        "balsa : %s = %.2f in operations, %.2f in p50",
                        best.getKey(),
                        ours.rate() / best.getValue().rate(),
                        ours.p50Micros() / best.getValue().p50Micros()));
    }
}
