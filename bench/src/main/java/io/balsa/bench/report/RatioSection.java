package io.balsa.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How Balsa stands to the best of its peers, in one table. */
final class RatioSection {
    private final List<Comparison> comparisons;
    private final Floors floors;

    RatioSection(List<Comparison> comparisons, Floors floors) {
        this.comparisons = comparisons;
        this.floors = floors;
    }

    void addTo(Markup main, Gallery gallery) {
        if (comparisons.isEmpty()) {
            return;
        }
        Markup section = main.add("section");
        section.add("h2", "Balsa against the best peer");
        section.add(
                "p",
                "Operations per second as a multiple of the fastest peer's, where more is better, and median latency as a"
                        + " multiple of the lowest one among the peers, where less is better. Where there were several"
                        + " rounds, it is the median of their ratios, and their range. Only such ratios count, and only"
                        + " within one run: figures of two machines, or of two runs, are not comparable.");
        addOverview(section, gallery);
        Set<Integer> counts = new TreeSet<>();
        comparisons.forEach(comparison -> counts.addAll(comparison.outstanding()));
        List<String> columns = new ArrayList<>(List.of("commands under way"));
        counts.forEach(count -> columns.add(String.valueOf(count)));
        Table rates = new Table(section, 1, columns);
        rates.addHeading("operations per second, Balsa : fastest peer");
        comparisons.forEach(comparison -> rates.addRow(
                false,
                row(
                        comparison,
                        counts.stream()
                                .map(count -> text(comparison.rateRatio(count)))
                                .toList())));
        rates.addHeading("median latency, Balsa : lowest of a peer");
        comparisons.forEach(comparison -> rates.addRow(
                false,
                row(
                        comparison,
                        counts.stream()
                                .map(count -> text(comparison.medianRatio(count)))
                                .toList())));
        addFloorRatio(section);
    }

    /** One chart for each environment, with as many commands under way as all of them were asked for. */
    private void addOverview(Markup section, Gallery gallery) {
        List<Comparison> usual = comparisons.stream()
                .filter(Comparison::isUsual)
                .filter(comparison -> comparison.asked().size() > 1)
                .toList();
        usual.stream()
                .map(comparison -> new TreeSet<>(ComparisonSection.countsWithRates(comparison)))
                .reduce((one, other) -> {
                    one.retainAll(other);
                    return one;
                })
                .filter(counts -> !counts.isEmpty())
                .map(TreeSet::last)
                .ifPresent(count -> gallery.show(
                        section,
                        "Overview",
                        "Operations per second with " + count + " under way",
                        usual.stream()
                                .map(comparison -> new Gallery.Panel(
                                        "Operations per second with " + count + " under way, " + comparison.label(),
                                        () -> Charts.bars(
                                                comparison.label(),
                                                "ops/s",
                                                ComparisonSection.bars(comparison, count))))
                                .toList()));
    }

    private static List<String> row(Comparison comparison, List<String> cells) {
        List<String> row = new ArrayList<>(List.of(comparison.label()));
        row.addAll(cells);
        return row;
    }

    private static String text(Optional<Comparison.Ratio> ratio) {
        return ratio.map(Comparison.Ratio::text).orElse("not measured");
    }

    private void addFloorRatio(Markup section) {
        floors.durableMedianMicros().ifPresent(floor -> comparisons.stream()
                .filter(Comparison::isUsual)
                .filter(comparison -> comparison.environment().isDurableOverTcp())
                .findFirst()
                .flatMap(comparison -> comparison.measured(1, "balsa"))
                .ifPresent(balsa -> section.add(
                        "p",
                        String.format(
                                Locale.ROOT,
                                "Durable over TCP and with one command under way, Balsa's median of %s µs is %.2f × the"
                                        + " floor: sync of three files and a TCP round trip, %s µs.",
                                Figure.number(balsa.mean().latencyMicros("p50")),
                                balsa.mean().latencyMicros("p50") / floor,
                                Figure.number(floor)))));
    }
}
