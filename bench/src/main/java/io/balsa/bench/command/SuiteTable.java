package io.balsa.bench.command;

import java.io.PrintWriter;
import java.util.Locale;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Prints the results of Balsa's own benchmarks for people: two lines for each trial. */
final class SuiteTable {
    private SuiteTable() {}

    static void print(Results results, PrintWriter out) {
        results.suite().forEach((trial, result) -> {
            out.println();
            out.println(trial.name());
            out.println("  " + figure("", result.getPrimaryResult()) + secondary(result));
        });
        results.suiteFailures().forEach((trial, reason) -> out.printf("%n%s%n  failed: %s%n", trial.name(), reason));
        results.leftOut().forEach((trial, reason) -> out.printf("%n%s%n  left out: %s%n", trial.name(), reason));
        out.flush();
    }

    private static String secondary(RunResult result) {
        StringBuilder text = new StringBuilder();
        result.getSecondaryResults().forEach((name, figure) -> {
            if (!name.equals("p90") && !name.equals("p99") && !name.equals("max")) {
                text.append("   ").append(figure(name + " ", figure));
            }
        });
        return text.toString();
    }

    private static String figure(String name, Result<?> figure) {
        double score = figure.getScore();
        // Three digits say enough, whatever the unit is.
        String format = score >= 100 ? "%s%,.0f %s" : "%s%,.3g %s";
        return String.format(Locale.ROOT, format, name, score, figure.getScoreUnit());
    }
}
