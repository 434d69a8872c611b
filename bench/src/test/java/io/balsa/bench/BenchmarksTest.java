package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.nio.file.Path;
import java.util.Collection;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each benchmark runs and gives figures; what they are is not a test's business. */
class BenchmarksTest {
    @TempDir
    private Path directory;

    private ChainedOptionsBuilder shortest(Class<?> benchmark) {
        System.setProperty("balsa.bench.directory", directory.toString());
        System.setProperty("balsa.bench.warmUpSeconds", "0");
        return new OptionsBuilder()
                .include(Pattern.quote(benchmark.getName()) + "\\.")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(200))
                .addProfiler(LatencyProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    @ParameterizedTest
    @CsvSource({"balsa, FSYNC, TCP, 500", "microraft, MEMORY, SAME_JVM, 20000"})
    void commandsComeAtAFixedRate(String product, Durability durability, Network network, int rate) throws Exception {
        Collection<RunResult> results = new Runner(shortest(OpenLoopBenchmark.class)
                        .param("product", product)
                        .param("durability", durability.name())
                        .param("network", network.name())
                        .param("rate", String.valueOf(rate))
                        .build())
                .run();
        assertThat(results).singleElement().satisfies(BenchmarksTest::hasFigures);
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "balsa, FSYNC, TCP, 16",
        "balsa-chronicle, FSYNC, TCP, 1",
        "balsa, MEMORY, TCP, 256",
        "balsa, MEMORY, SAME_JVM, 16",
        "microraft, MEMORY, SAME_JVM, 16"
    })
    void commandsAreReplicated(String product, Durability durability, Network network, int outstanding)
            throws Exception {
        Collection<RunResult> results = new Runner(shortest(ReplicationBenchmark.class)
                        .param("product", product)
                        .param("durability", durability.name())
                        .param("network", network.name())
                        .param("outstanding", String.valueOf(outstanding))
                        .param("payloadBytes", "128")
                        .build())
                .run();
        assertThat(results).singleElement().satisfies(BenchmarksTest::hasFigures);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void floorsAreMeasured() throws Exception {
        Collection<RunResult> results =
                new Runner(shortest(FloorBenchmark.class).build()).run();
        assertThat(results).hasSize(7).allSatisfy(BenchmarksTest::hasFigures);
        assertThat(directory).isEmptyDirectory();
    }

    private static void hasFigures(RunResult result) {
        assertThat(result.getPrimaryResult().getScore()).isPositive();
        assertThat(result.getSecondaryResults()).containsKeys("p50", "p90", "p99", "p99.9", "max");
        assertThat(result.getSecondaryResults().get("p50").getScore()).isPositive();
    }
}
