package io.balsa.bench.report;

import java.util.List;

/** What Balsa is to reach, and whether it did in this run; nothing if the run says nothing about any of it. */
final class TargetSection {
    private final List<Target> targets;

    TargetSection(RunRecord run) {
        this.targets = Targets.of(run);
    }

    void addTo(Markup main) {
        if (targets.stream().allMatch(target -> target.verdict() == Target.Verdict.NOT_MEASURED)) {
            return;
        }
        Markup section = main.add("section");
        section.add("h2", "Targets");
        section.add("p", "What Balsa is to reach, most of it as ratios within one run, and what this run found.");
        Table table = new Table(section, 3, List.of("target", "", "measured"));
        targets.forEach(target -> {
            if (target.verdict() == Target.Verdict.NOT_MEASURED) {
                table.addRemark(false, List.of(target.text()), target.verdict().label());
            } else {
                table.addRow(false, List.of(target.text(), target.verdict().label(), target.measured()));
            }
        });
    }
}
