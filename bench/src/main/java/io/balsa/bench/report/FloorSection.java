package io.balsa.bench.report;

import java.util.List;

/** What a plain program takes on the machine for what products need too, measured in the same run. */
final class FloorSection {
    private static final double BYTES_PER_MEGABYTE = 1e6;

    private final Floors floors;
    private final List<Failure> failures;

    FloorSection(Floors floors, List<Failure> failures) {
        this.floors = floors;
        this.failures = failures;
    }

    void addTo(Markup main) {
        Markup section = main.add("section");
        section.add("h2", "Floors");
        if (floors.all().isEmpty() && failures.isEmpty()) {
            section.add("p", "Not measured in this run.").with("class", "missing");
            return;
        }
        section.add(
                "p",
                "What a plain program takes: to write and sync a batch to plain files, each by a thread of its own, and to"
                        + " send 128 bytes over loopback and get them back: dashed lines in the charts of latency. And how"
                        + " many bytes a second each of three files takes, and each of two receivers, when there is nothing"
                        + " else to do. It waits for all files, through the kernel's cache; who waits for two of three, or"
                        + " writes past the cache, can be quicker.");
        Table table = new Table(
                section, 1, List.of("", "mean, µs", "p50, µs", "p90, µs", "p99, µs", "p99.9, µs", "MB/s to each"));
        floors.all().forEach(floor -> {
            Measurement measured = floor.measurement();
            table.addRow(
                    false,
                    List.of(
                            floor.label(),
                            Figure.number(measured.score().value()),
                            Figure.number(measured.latencyMicros("p50")),
                            Figure.number(measured.latencyMicros("p90")),
                            Figure.number(measured.latencyMicros("p99")),
                            Figure.number(measured.latencyMicros("p99.9")),
                            floor.bytesPerSecond()
                                    .map(bytes -> Figure.number(bytes / BYTES_PER_MEGABYTE))
                                    .orElse("–")));
        });
        failures.forEach(failure -> table.addRemark(
                false, List.of(failure.trial().method() + " " + failure.trial().parameters()), failure.text()));
    }
}
