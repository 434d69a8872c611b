package io.balsa.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever bytes come in, a decoder refuses them in the way that it documents, or takes them and gives them back the same;
 * it allocates no more than they deserve.
 *
 * <p>What fuzzing ever found is in {@code src/test/resources/inputs}, a file of hexadecimal lines for each target, and is
 * tried in every build. {@code -Dfuzz.seconds=N} says how long each target is fuzzed; the profile {@code fuzz} says five
 * minutes, and gives each a JVM of its own.
 */
@Execution(ExecutionMode.CONCURRENT)
class DecoderFuzzTest {
    private static final Path INPUTS = Path.of(System.getProperty("basedir", ""), "src", "test", "resources", "inputs");

    @ParameterizedTest
    @EnumSource(Target.class)
    void whatWasFoundStaysMended(Target target) throws Exception {
        for (byte[] input : found(target)) {
            target.run(input);
        }
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void seedsAreDecoded(Target target) throws Exception {
        assertThat(target.decoder().seeds()).isNotEmpty();
        for (byte[] input : target.decoder().seeds()) {
            target.run(input);
        }
    }

    @ParameterizedTest
    @MethodSource("groups")
    @Tag("case-84")
    @Tag("case-86")
    void nothingIsFound(List<Target> targets, @TempDir Path directory) throws Exception {
        JazzerProcess jazzer = new JazzerProcess(targets, directory);
        for (Target target : targets) {
            for (byte[] input : target.decoder().seeds()) {
                jazzer.addSeed(target, input);
            }
            for (byte[] input : found(target)) {
                jazzer.addSeed(target, input);
            }
        }
        JazzerProcess.Ended ended = jazzer.run(Integer.getInteger("fuzz.seconds", 2) * targets.size());
        assertThat(ended.exitCode())
                .as(
                        "Jazzer; if it found an input, mend what it shows and add the input to the target's file in %s:%n%s%n%s",
                        INPUTS, ended.finding(), ended.tail())
                .isZero();
        assertThat(ended.tail()).as("what Jazzer says at the end").contains("stat::number_of_executed_units");
    }

    /** The targets, dealt out to as many JVMs as {@code fuzz.jvms} says. */
    static List<List<Target>> groups() {
        List<Target> targets = List.of(Target.values());
        int jvms = Math.min(targets.size(), Integer.getInteger("fuzz.jvms", 2));
        List<List<Target>> groups = new ArrayList<>();
        for (int i = 0; i < jvms; i++) {
            groups.add(targets.subList(targets.size() * i / jvms, targets.size() * (i + 1) / jvms));
        }
        return groups;
    }

    @Test
    void everyFileOfInputsIsOfATarget() throws IOException {
        try (Stream<Path> files = Files.list(INPUTS)) {
            assertThat(files.map(file -> INPUTS.resolve(file.getFileName())))
                    .isSubsetOf(Stream.of(Target.values())
                            .map(DecoderFuzzTest::file)
                            .collect(Collectors.toSet()));
        }
    }

    private static Path file(Target target) {
        return INPUTS.resolve(target.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".txt");
    }

    /** What a file of inputs has: hexadecimal lines, and lines that begin with # and say what an input showed. */
    private static List<byte[]> found(Target target) throws IOException {
        if (!Files.exists(file(target))) {
            return List.of();
        }
        return Files.readAllLines(file(target)).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(HexFormat.of()::parseHex)
                .toList();
    }
}
