package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.FloorBenchmark;
import io.balsa.bench.Products;
import io.balsa.bench.SmokeRun;
import io.balsa.bench.lock.RenewalBenchmark;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
    @TempDir
    private Path directory;

    @Test
    void tellsWhatWasMeasuredWhatFailedAndHow() throws Exception {
        SuiteTrial measured =
                new SuiteTrial("floors: round trip", FloorBenchmark.class, "roundTrip", Map.of(), 0, 0, 0);
        SuiteTrial failed = new SuiteTrial(
                "floors: sync", FloorBenchmark.class, "sync", Map.of("files", "1", "entries", "1"), 0, 0, 0);
        Results results = new Results();
        SmokeRun.of(FloorBenchmark.class, "roundTrip", directory)
                .run()
                .forEach(result -> results.add(measured, result));
        results.failed(failed, "the disk is full");
        results.failed(new Cell(Durability.FSYNC, Network.TCP, 3, 16, 128), "ratis", "no leader was elected");
        results.leftOut(
                new SuiteTrial("locks: renew", RenewalBenchmark.class, "renew", Map.of("backend", "CONSUL"), 0, 0, 0),
                "consul is not installed");
        StringWriter told = new StringWriter();
        SuiteTable.print(results, new PrintWriter(told));
        assertThat(told.toString()).contains("locks: renew, backend=CONSUL", "left out: consul is not installed");
        told.getBuffer().setLength(0);
        new RunReport(List.of("--quick", "--only", "floors"))
                .write(Plan.quick(Products.all(), name -> true), results, directory, new PrintWriter(told));
        Path page = directory.resolve("report.html");
        assertThat(told.toString()).startsWith("report: " + page);
        assertThat(Files.readString(page))
                .contains("TCP round trip")
                .contains("failed: the disk is full")
                .contains("left out: consul is not installed")
                .doesNotContain("failed: consul")
                .contains("failed: no leader was elected")
                .contains("balsa bench --quick --only floors")
                .contains("up to 3 rounds, most where there is a disk, in each of them 2 s of warm-up, after ")
                .contains(System.getProperty("java.vm.name"));
    }
}
