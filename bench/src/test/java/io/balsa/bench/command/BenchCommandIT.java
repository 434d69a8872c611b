package io.balsa.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A run from its first line to its report, of the shortest trials that there are. */
class BenchCommandIT {
    private final StringWriter output = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(output))
                .execute(Stream.concat(Stream.of("--quick", "--directory", directory.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    @Test
    void tellsWhatItDoesAndLeavesFiguresAndAReport() throws IOException {
        assertThat(run("--only", "^memory, same JVM, 256 .*: balsa$|round trip"))
                .isZero();

        Path run = onlyOf(directory);
        assertThat(output.toString())
                .contains("2 trials, about 1 minutes; each product in turn")
                .containsPattern("  1/2 +0 min left  memory, same JVM, 256 outstanding: balsa")
                .containsPattern("  2/2 +0 min left  floors: round trip")
                .contains("all figures: " + run.resolve("results.json"))
                .contains("report: " + run.resolve("report.html"));
        assertThat(run.resolve("results.json"))
                .content()
                .contains("io.balsa.bench.ReplicationBenchmark.replicate", "io.balsa.bench.FloorBenchmark.roundTrip");
        // Not shown where it fails: it is long.
        assertThat(Files.readString(run.resolve("report.html")))
                .matches(page -> page.contains("balsa bench --quick") && page.contains("TCP round trip"), "has it all");
        try (Stream<Path> files = Files.list(run)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("memory-same-JVM-256-outstanding-balsa-1.log", "floors-round-trip-1.log")
                    .doesNotContain("results.json.tmp");
        }
    }

    private static Path onlyOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }
}
