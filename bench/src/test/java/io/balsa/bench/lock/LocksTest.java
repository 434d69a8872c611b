package io.balsa.bench.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.bench.SmokeRun;
import io.balsa.bench.cluster.ServerJar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The benchmarks of locks run, give figures and leave nothing behind; what the figures are is not a test's business. With Balsa's own
 * locks alone: the others take servers that need not be installed.
 */
class LocksTest {
    @TempDir
    private Path jars;

    @TempDir
    private Path directory;

    @BeforeEach
    void nameTheJar() throws IOException {
        ServerJar.name(jars);
    }

    @AfterEach
    void forgetTheJar() {
        ServerJar.forget();
    }

    @AfterEach
    void leavesNothingBehind() {
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void freeLocksAreAcquiredAndReleased() throws Exception {
        assertThat(SmokeRun.of(LockBenchmark.class, ".*", directory)
                        .with("backend", "NATIVE")
                        .with("outstanding", "16")
                        .run())
                .singleElement()
                .satisfies(result -> assertThat(result.getSecondaryResults()).containsKeys("p50", "p99.9"));
    }

    @Test
    void clientsContendForOne() throws Exception {
        assertThat(SmokeRun.of(ContendedLockBenchmark.class, ".*", directory)
                        .with("backend", "NATIVE")
                        .with("clients", "4")
                        .run())
                .singleElement()
                .satisfies(result -> assertThat(result.getSecondaryResults())
                        .containsKeys("p50", "leastShare", "mostShare", "longestWait"));
    }

    @Test
    void locksThatAreHeldAreRenewed() throws Exception {
        SmokeRun.of(RenewalBenchmark.class, ".*", directory)
                .with("backend", "NATIVE")
                .with("outstanding", "16")
                .run();
    }

    @Test
    void sharesAreOfAllAcquisitions() {
        assertThat(Fairness.of(List.of(10L, 60L, 30L))).isEqualTo(new Fairness(0.1, 0.6));
        assertThat(Fairness.of(List.of(7L))).isEqualTo(new Fairness(1, 1));
    }

    @Test
    void aProgramThatIsNotInstalledIsNamedWithTheWayOut() {
        assertThatThrownBy(() -> InstalledProgram.find("no-such-server"))
                .hasMessage("no-such-server is not installed; scripts/install-test-servers installs it");
        assertThat(InstalledProgram.find("sh")).isExecutable();
    }
}
