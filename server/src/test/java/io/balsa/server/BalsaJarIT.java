package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as a whole. */
class BalsaJarIT {
    private static final long MAX_BYTES = 45_000_000;

    @TempDir
    private Path directory;

    @Test
    void isSmallEnough() throws IOException {
        assertThat(Files.size(JarProcess.jar())).isLessThan(MAX_BYTES);
    }

    @Test
    void carriesTheFlagsThatTheBuildUses() throws IOException {
        try (JarFile jar = new JarFile(JarProcess.jar().toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(words(manifest.getValue("Add-Exports"))).isEqualTo(flags("--add-exports="));
            assertThat(words(manifest.getValue("Add-Opens"))).isEqualTo(flags("--add-opens="));
        }
    }

    @Test
    void knowsItsVersion() {
        JarProcess.Result result = JarProcess.run(directory, "--version");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).matches("balsa \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
    }

    @Test
    void saysNothingWhenTheReaderOfItsOutputHasSeenEnough() {
        // A trace is more than a pipe holds, so that it is written to whoever reads, or does not.
        String firstLineOnly = "{ \"$@\"; echo \"code $?\" >&2; } | head -n 1";
        List<String> shell = List.of("sh", "-c", firstLineOnly, "sh");
        try (JarProcess process = JarProcess.start(directory, Map.of(), shell, List.of("simulate", "--replay", "1"))) {
            JarProcess.Result result = process.awaitEnd();
            assertThat(result.out().lines()).singleElement().asString().contains("seed 1:");
            assertThat(result.err()).isEqualTo("code 141\n");
        }
    }

    @Test
    void aSimulationThatIsToldToEndSaysHowFarItCame() {
        try (JarProcess process =
                JarProcess.start(directory, Map.of(), List.of(), List.of("simulate", "--minutes", "60"))) {
            await().atMost(JarProcess.PATIENCE).until(() -> process.err().contains(" seeds, "));
            process.signal("TERM");
            JarProcess.Result result = process.awaitEnd();
            assertThat(result.exitCode()).as(result.err()).isEqualTo(128 + 15);
            assertThat(result.out()).containsPattern("^\\d+ seeds passed, each twice, in \\d+ s; ended by SIGTERM\\.");
        }
    }

    @Test
    void saysThatItsOutputIsLost() {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "no device that is always full");
        List<String> shell = List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh");
        try (JarProcess process = JarProcess.start(directory, Map.of(), shell, List.of("--version"))) {
            JarProcess.Result result = process.awaitEnd();
            assertThat(result.exitCode()).isEqualTo(ExitCode.FAILURE.code());
            assertThat(result.err()).isEqualTo("balsa: standard output cannot be written\n");
        }
    }

    @Test
    void bringsItsLicence() throws IOException {
        try (JarFile jar = new JarFile(JarProcess.jar().toFile())) {
            assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
        }
    }

    private static Set<String> flags(String option) {
        return Arrays.stream(System.getProperty("balsa.jvm.flags").strip().split("\\s+"))
                .filter(flag -> flag.startsWith(option))
                .map(flag -> flag.substring(option.length()).replace("=ALL-UNNAMED", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> words(String text) {
        return new TreeSet<>(Arrays.asList(text.split(" ")));
    }
}
