package io.balsa.raft.adapter;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with this test's class path, for what can only be seen when a process ends. */
final class ChildJvm implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;

    private ChildJvm(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * How a JVM ended.
     *
     * @param output what it printed, errors included
     */
    record Ended(int exitCode, String output) {}

    /** Starts a JVM. */
    static ChildJvm start(List<String> prefix, List<String> flags, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.addAll(flags); // The last of two that contradict each other counts.
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ChildJvm(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Starts a JVM and waits for its end. */
    static Ended run(List<String> flags, Class<?> main, String... arguments) throws IOException, InterruptedException {
        try (ChildJvm child = start(List.of(), flags, main, arguments)) {
            return child.await();
        }
    }

    /** Waits until a line begins so, and returns it; null if the process ends without it. */
    String awaitLine(String prefix) throws IOException {
        String line = output.readLine();
        while (line != null && !line.startsWith(prefix)) {
            line = output.readLine();
        }
        return line;
    }

    Process process() {
        return process;
    }

    Ended await() throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            text.append(line).append('\n');
        }
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process does not end; it printed " + text);
        }
        return new Ended(process.exitValue(), text.toString());
    }

    @Override
    public void close() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
