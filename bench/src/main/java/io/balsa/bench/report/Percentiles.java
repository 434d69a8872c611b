package io.balsa.bench.report;

import java.util.Arrays;
import java.util.List;

/** Curves of latency: one percentile beside the other. */
final class Percentiles {
    static final List<String> NAMES = List.of("p50", "p90", "p99", "p99.9");

    private static final String RATE = "rate";

    private Percentiles() {}

    /** Those of a measurement; null where one is missing. */
    static List<Double> of(Measurement measurement) {
        Double[] values = NAMES.stream()
                .map(measurement::latencyMicros)
                .map(value -> Double.isNaN(value) ? null : value)
                .toArray(Double[]::new);
        return Arrays.asList(values);
    }

    /** A chart; at least one of the lines has a value. */
    static Gallery.Panel panel(String description, String title, List<Charts.Line> lines) {
        return new Gallery.Panel(description, () -> Charts.lines(title, "percentile of latency", "us", NAMES, lines));
    }

    /** A chart for each rate at which products were asked, with a line for each of them. */
    static List<Gallery.Panel> byRate(List<Measurement> measurements, List<Product> products) {
        return measurements.stream()
                .map(each -> each.trial().parameter(RATE))
                .distinct()
                .map(rate -> atRate(
                        rate,
                        measurements.stream()
                                .filter(each -> each.trial().parameter(RATE).equals(rate))
                                .map(each -> line(each, products))
                                .filter(line -> !line.isEmpty())
                                .toList()))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Gallery.Panel> atRate(String rate, List<Charts.Line> lines) {
        String title = Figure.number(Double.parseDouble(rate)) + " commands a second";
        return lines.isEmpty() ? List.of() : List.of(panel("Percentiles of latency at " + title, title, lines));
    }

    private static Charts.Line line(Measurement measurement, List<Product> products) {
        String product = measurement.trial().parameter("product");
        return new Charts.Line(product, of(measurement), Palette.lineOf(product, products));
    }
}
