package io.balsa.bench.command;

import io.balsa.bench.report.Target;
import java.io.PrintWriter;
import java.util.List;

/** Prints what a run says about the targets, one of them in two lines; nothing about those that it did not measure. */
final class TargetTable {
    private TargetTable() {}

    static void print(List<Target> targets, PrintWriter out) {
        List<Target> measured = targets.stream()
                .filter(target -> target.verdict() != Target.Verdict.NOT_MEASURED)
                .toList();
        if (measured.isEmpty()) {
            return;
        }
        out.printf("%ntargets%n");
        for (Target target : measured) {
            out.printf("  %s%n    %-8s %s%n", target.text(), target.verdict().label(), target.measured());
        }
        out.println();
        out.flush();
    }
}
