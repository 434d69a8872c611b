package io.balsa.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Fuzzes some targets with Jazzer, in a JVM of its own: its instrumentation and libFuzzer are there once in a JVM. To start
 * it takes seconds, which is why a short run shares it.
 */
final class JazzerProcess {
    private static final int MAX_INPUT_BYTES = 4096;
    private static final int TAIL_LINES = 60;

    private final List<Target> targets;
    private final Path directory;

    /**
     * @param directory empty; what Jazzer writes goes there
     */
    JazzerProcess(List<Target> targets, Path directory) {
        this.targets = targets;
        this.directory = directory;
    }

    /**
     * How it ended.
     *
     * @param tail the last lines that it printed
     * @param finding the target and the input at which it failed, as hex; empty if it did not
     */
    record Ended(int exitCode, String tail, String finding) {}

    /** Adds an input to those from which fuzzing starts. */
    void addSeed(Target target, byte[] input) throws IOException {
        Path file = Files.createTempFile(Files.createDirectories(seeds()), target.name(), "");
        Files.write(file, JazzerMain.withChoice(targets.indexOf(target), input));
    }

    private Path seeds() {
        return directory.resolve("seeds");
    }

    /** Runs it for some seconds. */
    Ended run(int seconds) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(seconds))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> tail = new ArrayList<>();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                tail.add(line);
                if (tail.size() > TAIL_LINES) {
                    tail.remove(0);
                }
            }
            return new Ended(process.waitFor(), String.join("\n", tail), finding());
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command(int seconds) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Xss1m",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:-OmitStackTraceInFastThrow",
                // Most runs are short: what the second compiler gains it does not pay back.
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + JazzerMain.class.getName(),
                "--target_args=" + targets.stream().map(Target::name).collect(Collectors.joining(" ")),
                // The bytes as they are, for inputs that can be written down.
                "--mutator_framework=false",
                "--instrumentation_includes=io.balsa.**",
                "--instrumentation_excludes=io.balsa.fuzz.**:io.balsa.raft.proto.**:io.balsa.statemachine.proto.**",
                "--custom_hook_includes=io.balsa.**",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-max_len=" + MAX_INPUT_BYTES,
                "-max_total_time=" + seconds,
                "-rss_limit_mb=0",
                "-print_final_stats=1",
                seeds().toString());
    }

    private String finding() throws IOException {
        try (DirectoryStream<Path> findings = Files.newDirectoryStream(directory, "{crash,timeout,oom}-*")) {
            for (Path finding : findings) {
                byte[] input = Files.readAllBytes(finding);
                return JazzerMain.chosen(targets, input) + " "
                        + HexFormat.of().formatHex(JazzerMain.withoutChoice(input));
            }
        }
        return "";
    }
}
