package io.balsa.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChartsOfReportTest {
    @TempDir
    private static Path sample;

    private static Page page;

    @TempDir
    private Path directory;

    @BeforeAll
    static void writeTheSample() throws IOException {
        Fonts.require();
        page = Page.write(SampleRun.record(), sample);
    }

    private static List<String> labels(Page section) {
        return section.elements("svg").stream()
                .map(svg -> svg.getAttribute("aria-label").replaceFirst(": the figures.*", ""))
                .toList();
    }

    @Test
    void eachComparisonHasBarsOfRatesAndCurvesOfLatencies() throws IOException {
        for (Environment environment : SampleRun.ENVIRONMENTS) {
            assertThat(labels(page.section(environment.label())))
                    .containsExactlyElementsOf(Stream.of(
                                    "Operations per second, %s: %d under way",
                                    "Percentiles of latency, %s: %d under way")
                            .flatMap(label -> Stream.of(1, 16, 256)
                                    .map(count -> String.format(label, environment.label(), count)))
                            .toList());
        }
    }

    @Test
    void oneRowShowsTheLargestCountOfAllEnvironments() throws IOException {
        assertThat(labels(page.section("Balsa against the best peer")))
                .containsExactlyElementsOf(SampleRun.ENVIRONMENTS.stream()
                        .map(environment -> "Operations per second with 256 under way, " + environment.label())
                        .toList());
    }

    @Test
    void whatGrowsHasCurves() throws IOException {
        assertThat(labels(page.section("Objects")))
                .containsExactly("Add or remove by objects", "Add or remove: bytes per object by objects");
        assertThat(labels(page.section("Log"))).containsExactly("Append and sync by entries");
        assertThat(labels(page.section("Election"))).isEmpty();
    }

    /** Not of the rates that they kept up with, which say little, in the colours of the products. */
    @Test
    void anOpenLoopHasCurvesOfLatenciesAtEachRate() throws IOException {
        Page section = page.section("Open loop");
        assertThat(labels(section))
                .containsExactly(
                        "Percentiles of latency at 1,000 commands a second",
                        "Percentiles of latency at 20,000 commands a second");
    }

    @Test
    void pointsOfDifferentSettingsMakeNoCurve() throws IOException {
        RunRecord all = SampleRun.record();
        Page strange = Page.write(
                new RunRecord(
                        all.conditions(),
                        all.products(),
                        List.of(read("1", "LEASE", 1), read("256", "LINEARIZABLE", 1)),
                        List.of()),
                directory);
        assertThat(strange.section("Read").rows()).hasSize(2);
        assertThat(labels(strange.section("Read"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, Double.NaN, 0.001, 1e12})
    void strangeFiguresDoNotCostTheReport(double rate) throws IOException {
        RunRecord all = SampleRun.record();
        Measurement replication = new Measurement(
                new Trial(RunRecord.REPLICATION, "replicate", SampleRun.replication("balsa", SampleRun.DURABLE, 1)),
                new Figure(rate, "ops/s"),
                Map.of("p50", new Figure(rate, "us")));
        List<Measurement> measurements =
                List.of(replication, read("1", "LEASE", rate), read("16", "LEASE", rate), read("256", "LEASE", 1));
        Page strange = Page.write(new RunRecord(all.conditions(), all.products(), measurements, List.of()), directory);
        assertThat(strange.section("Read").rows()).hasSize(3);
        assertThat(strange.section("fsync, TCP").rows()).hasSize(1);
    }

    private static Measurement read(String outstanding, String consistency, double rate) {
        return new Measurement(
                new Trial("ReadBenchmark", "read", Map.of("outstanding", outstanding, "consistency", consistency)),
                new Figure(rate, "ops/s"),
                Map.of());
    }

    @Test
    void floorsAreDashedLinesInTheCurvesOfLatencies() throws IOException {
        RunRecord all = SampleRun.record();
        RunRecord withoutFloors = new RunRecord(
                all.conditions(),
                all.products(),
                all.measurements().stream()
                        .filter(each -> !each.trial().benchmark().equals(RunRecord.FLOOR))
                        .toList(),
                all.failures());
        // Only the round trip is a floor there, and no product is dashed.
        assertThat(dashed(page.section("memory, TCP"))).isPositive();
        assertThat(dashed(Page.write(withoutFloors, directory).section("memory, TCP")))
                .isZero();
    }

    private static long dashed(Page section) {
        return section.elements("line").stream()
                .filter(line -> line.getAttribute("stroke-dasharray").matches("[0-9].*"))
                .count();
    }

    @Test
    void eachRowOfChartsIsAFileToo() throws IOException {
        try (Stream<Path> files = Files.list(sample.resolve("charts"))) {
            List<Path> charts = files.sorted().toList();
            assertThat(charts)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactly(
                            "latency-fsync-tcp.svg",
                            "latency-memory-same-jvm.svg",
                            "latency-memory-tcp.svg",
                            "log.svg",
                            "objects.svg",
                            "open-loop.svg",
                            "overview.svg",
                            "throughput-fsync-tcp.svg",
                            "throughput-memory-same-jvm.svg",
                            "throughput-memory-tcp.svg");
            for (Path chart : charts) {
                assertThat(Page.read(chart).name()).isEqualTo("svg");
            }
        }
    }

    @Test
    void theSameRunMakesTheSamePage() throws IOException {
        assertThat(HtmlReport.write(SampleRun.record(), directory))
                .hasSameTextualContentAs(sample.resolve("report.html"));
    }
}
