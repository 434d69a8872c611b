package io.balsa.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A benchmark besides the comparison: all figures, and curves over the parameter that grows, or of latency. */
final class OwnSection {
    private final String benchmark;
    private final List<Measurement> measurements;
    private final List<Failure> failures;
    private final List<Product> products;

    OwnSection(String benchmark, RunRecord run) {
        this.benchmark = benchmark;
        this.measurements = run.meansOf(benchmark);
        this.failures = run.failuresOf(benchmark);
        this.products = run.products();
    }

    void addTo(Markup main, Gallery gallery) {
        Markup section = main.add("section");
        String heading = Words.of(benchmark.replaceFirst("Benchmark$", ""));
        section.add("h2", heading);
        gallery.show(
                section,
                heading,
                benchmark.equals(RunRecord.OPEN_LOOP)
                        ? Percentiles.byRate(measurements, products)
                        : measurements.stream()
                                .map(each -> each.trial().method())
                                .distinct()
                                .flatMap(method -> Curves.of(method, ofMethod(method)).stream())
                                .toList());
        addTable(section);
    }

    private List<Measurement> ofMethod(String method) {
        return measurements.stream()
                .filter(each -> each.trial().method().equals(method))
                .toList();
    }

    private void addTable(Markup section) {
        Set<String> parameters = Stream.concat(
                        measurements.stream().map(Measurement::trial),
                        failures.stream().map(Failure::trial))
                .flatMap(trial -> trial.parameters().keySet().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> further = new LinkedHashSet<>();
        measurements.forEach(each -> further.addAll(each.findings().keySet()));
        Measurement.LATENCIES.stream()
                .filter(name ->
                        measurements.stream().anyMatch(each -> each.further().containsKey(name)))
                .forEach(further::add);
        List<String> columns = new ArrayList<>(List.of("what"));
        parameters.forEach(parameter -> columns.add(Words.small(parameter)));
        columns.add("score");
        further.forEach(name -> columns.add(Words.small(name)));
        Table table = new Table(section, 1 + parameters.size(), columns);
        for (Measurement each : measurements) {
            List<String> cells = settings(each.trial(), parameters);
            cells.add(each.score().text());
            further.forEach(name -> cells.add(Optional.ofNullable(each.further().get(name))
                    .map(Figure::text)
                    .orElse("–")));
            table.addRow(false, cells);
        }
        failures.forEach(failure -> table.addRemark(false, settings(failure.trial(), parameters), failure.text()));
    }

    private static List<String> settings(Trial trial, Set<String> parameters) {
        List<String> cells = new ArrayList<>(List.of(Words.of(trial.method())));
        parameters.forEach(parameter -> {
            String value = trial.parameter(parameter);
            cells.add(value.isEmpty() ? "–" : value);
        });
        return cells;
    }
}
