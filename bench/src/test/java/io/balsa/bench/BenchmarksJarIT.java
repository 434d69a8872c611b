package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as documents tell to use it: by JMH's own options, without any flag of the JVM. */
class BenchmarksJarIT {
    private static final Path JAR = Path.of("target", "benchmarks.jar");

    @TempDir
    private Path directory;

    private String run(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("output.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Another run on the machine spoils figures, not tests.
                "-Djmh.ignoreLock=true",
                "-jar",
                JAR.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES))
                    .as(Files.readString(output))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void listsAllBenchmarks() throws IOException, InterruptedException {
        assertThat(run("-l"))
                .contains(
                        "io.balsa.bench.ReplicationBenchmark.replicate",
                        "io.balsa.bench.OpenLoopBenchmark.replicate",
                        "io.balsa.bench.FloorBenchmark.sync",
                        "io.balsa.bench.parts.LogBenchmark.appendAndSync",
                        "io.balsa.bench.growth.GroupsBenchmark.replicate",
                        "io.balsa.bench.cluster.ClusterBenchmark.operate",
                        "io.balsa.bench.lock.LockBenchmark.acquireAndRelease");
    }

    /** Chronicle Queue and Aeron are those who need flags, which the benchmark brings along. */
    @Test
    void measuresProductsThatNeedFlagsOfTheJvm() throws IOException, InterruptedException {
        String output = run(
                "-f",
                "1",
                "-wi",
                "0",
                "-i",
                "1",
                "-r",
                "100ms",
                "-foe",
                "true",
                "-jvmArgsAppend",
                "-Dbalsa.bench.warmUpSeconds=0",
                "-prof",
                "io.balsa.bench.LatencyProfiler",
                "-p",
                "product=balsa,balsa-chronicle,aeron-cluster",
                "-p",
                "durability=FSYNC",
                "-p",
                "network=TCP",
                "-p",
                "outstanding=16",
                "-p",
                "payloadBytes=128",
                "ReplicationBenchmark");
        assertThat(output.lines().filter(line -> line.matches("ReplicationBenchmark\\.replicate +FSYNC .* ops/s")))
                .as(output)
                .hasSize(3);
        assertThat(output).contains("replicate:p99.9");
    }
}
