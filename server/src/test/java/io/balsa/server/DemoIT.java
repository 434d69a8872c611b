package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code demo} as a newcomer runs it: to its end, and stopped by Ctrl-C in the middle. */
class DemoIT {
    private static final int EXIT_CODE_OF_SIGINT = 130;

    @TempDir
    private Path directory;

    private Path temporary;

    @BeforeEach
    void makeTemporaryDirectory() throws IOException {
        temporary = Files.createDirectory(directory.resolve("tmp"));
    }

    @Test
    void everyCheckHoldsAndNothingIsLeftBehind() throws IOException {
        try (JarProcess demo = demo("--seconds", "15", "--workers", "4")) {
            JarProcess.Result result = demo.awaitEnd();

            assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
            assertThat(result.out())
                    .containsPattern("lost updates +0 +ok")
                    .containsPattern("tokens strictly growing +yes +ok")
                    .containsPattern("(?s)failover after kill -9 of n\\d .*failover after kill -9 of n\\d ")
                    .doesNotContain("FAILED");
            assertNothingIsLeft();
        }
    }

    @Test
    void leavesNothingBehindOnCtrlC() throws IOException {
        try (JarProcess demo = demo("--seconds", "60")) {
            demo.awaitLine(line -> line.contains("take turns at one lock"));
            assertThat(nodeProcesses()).hasSize(3);

            demo.signal("INT");

            assertThat(demo.awaitEnd().exitCode()).isEqualTo(EXIT_CODE_OF_SIGINT);
            assertNothingIsLeft();
        }
    }

    private JarProcess demo(String... arguments) {
        return JarProcess.start(
                directory,
                Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary),
                Stream.concat(Stream.of("demo"), Stream.of(arguments)).toList());
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(nodeProcesses()).isEmpty();
        try (Stream<Path> files = Files.list(temporary)) {
            assertThat(files).isEmpty();
        }
    }

    /** Processes that were told of a file in the temporary directory: the nodes, and nothing else. */
    private List<String> nodeProcesses() {
        return ProcessHandle.allProcesses()
                .filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().commandLine().stream())
                .filter(commandLine -> commandLine.contains(temporary + "/balsa-demo-"))
                .toList();
    }
}
