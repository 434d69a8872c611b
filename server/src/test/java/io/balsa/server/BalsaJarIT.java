package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
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
