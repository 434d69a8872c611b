package io.balsa.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The products side by side: bars of their rates, curves of their latencies, and all figures. */
final class ComparisonSection {
    private final Comparison comparison;
    private final Floors floors;
    private final RunRecord run;

    ComparisonSection(Comparison comparison, Floors floors, RunRecord run) {
        this.comparison = comparison;
        this.floors = floors;
        this.run = run;
    }

    void addTo(Markup main, Gallery gallery) {
        Markup section = main.add("section");
        section.add("h2", comparison.label());
        section.add(
                "p",
                comparison.environment().explanation() + " " + comparison.nodes() + " nodes, commands of "
                        + comparison.payloadBytes() + " B.");
        List<Integer> counts = countsWithRates(comparison);
        gallery.show(
                section,
                "Throughput: " + comparison.label(),
                counts.stream()
                        .map(count -> new Gallery.Panel(
                                "Operations per second, " + title(count),
                                () -> Charts.bars(count + " under way", "ops/s", bars(comparison, count))))
                        .toList());
        gallery.show(
                section,
                "Latency: " + comparison.label(),
                counts.stream()
                        .filter(this::hasLatencies)
                        .map(count -> Percentiles.panel(
                                "Percentiles of latency, " + title(count), count + " under way", lines(count)))
                        .toList());
        addTable(section);
        addRemark(section, "Not asked in this run", comparison.notAsked());
        addRemark(section, "Not made to run this way", comparison.unfit());
    }

    /** Those at which there is at least one bar to draw. */
    static List<Integer> countsWithRates(Comparison comparison) {
        return comparison.outstanding().stream()
                .filter(count -> comparison.products().stream().anyMatch(product -> comparison
                        .measured(count, product)
                        .filter(measured -> Double.isFinite(measured.rate()))
                        .isPresent()))
                .toList();
    }

    private static void addRemark(Markup section, String remark, List<String> products) {
        if (!products.isEmpty()) {
            section.add("p", remark + ": " + String.join(", ", products) + ".").with("class", "faint");
        }
    }

    private String title(int count) {
        return comparison.label() + ": " + count + " under way";
    }

    /** What each product that was asked achieved. */
    static List<Charts.Bar> bars(Comparison comparison, int count) {
        return comparison.asked().stream()
                .map(product -> {
                    Outcome outcome = comparison.of(count, product);
                    if (outcome instanceof Outcome.Measured measured) {
                        return new Charts.Bar(
                                product + "  " + Figure.brief(measured.rate()),
                                measured.rate(),
                                Palette.barOf(product));
                    }
                    String reason = outcome instanceof Outcome.Failed ? "failed" : "not run";
                    return new Charts.Bar(product + "  " + reason, Double.NaN, Palette.barOf(product));
                })
                .toList();
    }

    private boolean hasLatencies(int count) {
        return comparison.products().stream().anyMatch(product -> comparison
                .measured(count, product)
                .filter(measured -> Double.isFinite(measured.mean().latencyMicros("p50")))
                .isPresent());
    }

    private List<Charts.Line> lines(int count) {
        List<Charts.Line> lines = new ArrayList<>();
        for (String product : comparison.products()) {
            comparison
                    .measured(count, product)
                    .ifPresent(measured -> lines.add(new Charts.Line(
                            product, Percentiles.of(measured.mean()), Palette.lineOf(product, run.products()))));
        }
        List<Floors.Floor> below = floors.below(comparison.environment(), count);
        for (int i = 0; i < below.size(); i++) {
            lines.add(new Charts.Line(
                    below.get(i).label(), Percentiles.of(below.get(i).measurement()), Palette.floor(i)));
        }
        return lines;
    }

    private void addTable(Markup section) {
        Table table = new Table(
                section,
                1,
                List.of(
                        "product",
                        "operations/s",
                        "over the rounds",
                        "p50, µs",
                        "p90, µs",
                        "p99, µs",
                        "p99.9, µs",
                        "max, µs"));
        for (int count : comparison.outstanding()) {
            table.addHeading(count + " under way");
            comparison.asked().stream()
                    .sorted(Comparator.comparingDouble(product -> -comparison
                            .measured(count, product)
                            .map(Outcome.Measured::rate)
                            .orElse(-1.0)))
                    .forEach(product -> addRow(table, count, product));
        }
    }

    private void addRow(Table table, int count, String product) {
        boolean isOurs = Product.isBalsa(product);
        Outcome outcome = comparison.of(count, product);
        if (outcome instanceof Outcome.Measured measured) {
            List<String> cells = new ArrayList<>(List.of(
                    product,
                    Figure.number(measured.rate()),
                    measured.rates().size() == 1
                            ? "one round"
                            : Figure.number(measured.lowestRate()) + " to " + Figure.number(measured.highestRate())));
            Percentiles.NAMES.forEach(
                    name -> cells.add(Figure.number(measured.mean().latencyMicros(name))));
            cells.add(Figure.number(measured.mean().latencyMicros("max")));
            table.addRow(isOurs, cells);
            measured.failure()
                    .ifPresent(
                            reason -> table.addRemark(isOurs, List.of(product), "failed in another round: " + reason));
        } else if (outcome instanceof Outcome.Failed failed) {
            table.addRemark(isOurs, List.of(product), "failed: " + failed.reason());
        } else {
            table.addRemark(isOurs, List.of(product), "not run");
        }
    }
}
