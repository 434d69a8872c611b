package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** One running {@code java -jar balsa.jar …}, with what it printed. */
public final class JarProcess implements AutoCloseable {
    /** Generous: the machine may be busy. What a test asserts is never this time. */
    public static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final List<String> arguments;
    private final Process process;
    private final Path out;
    private final Path err;

    /** What a process that ended left. */
    public record Result(int exitCode, String out, String err) {}

    private JarProcess(List<String> arguments, Process process, Path out, Path err) {
        this.arguments = arguments;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** The built jar; it is there from the phase {@code package} on. */
    public static Path jar() {
        return Path.of(System.getProperty("balsa.jar", "target/balsa.jar")).toAbsolutePath();
    }

    /** How the JVM of these tests was itself started. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * Starts a process.
     *
     * @param directory where it runs, and where its output is kept
     */
    public static JarProcess start(Path directory, List<String> arguments) {
        return start(directory, Map.of(), arguments);
    }

    /** Starts a process with variables added to its environment. */
    public static JarProcess start(Path directory, Map<String, String> environment, List<String> arguments) {
        return start(directory, environment, List.of(), arguments);
    }

    /**
     * Starts a process under another command, which must become the process rather than start one: then the process that
     * is signalled and awaited is the JVM.
     *
     * @param wrapper the command and its own arguments, for example of {@code nsenter}; none: the JVM itself
     */
    public static JarProcess start(
            Path directory, Map<String, String> environment, List<String> wrapper, List<String> arguments) {
        int number = COUNT.incrementAndGet();
        Path out = directory.resolve("process-" + number + ".out");
        Path err = directory.resolve("process-" + number + ".err");
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(java(), "-Xmx256m", "-XX:+UseSerialGC", "-jar", jar().toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("BALSA_CLUSTER");
        builder.environment().remove("BALSA_LOG_LEVEL");
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new JarProcess(List.copyOf(arguments), process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a process to its end. */
    public static Result run(Path directory, String... arguments) {
        try (JarProcess process = start(directory, List.of(arguments))) {
            return process.awaitEnd();
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed on standard output so far. */
    public String out() {
        return read(out);
    }

    /** What it has printed on standard error so far. */
    public String err() {
        return read(err);
    }

    /** Waits until it prints a line on standard output, and gives that line. */
    public String awaitLine(Predicate<String> isIt) {
        await(this + " prints the line")
                .atMost(PATIENCE)
                .failFast(() -> assertThat(process.isAlive() || out().lines().anyMatch(isIt))
                        .as("%s goes on; it printed%n%s%s", this, out(), err())
                        .isTrue())
                .until(() -> out().lines().anyMatch(isIt));
        return out().lines().filter(isIt).findFirst().orElseThrow();
    }

    /** Waits for its end. */
    public Result awaitEnd() {
        try {
            assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .as("%s ends; it printed%n%s%s", this, out(), err())
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return new Result(process.exitValue(), out(), err());
    }

    /** Gives it some time to go on; whether it has ended by then. */
    public boolean endsWithin(Duration time) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGTERM, and waits for its end. */
    public Result terminate() {
        signal("TERM");
        return awaitEnd();
    }

    /** Sends a signal, for example {@code INT} or {@code STOP}. */
    public void signal(String name) {
        try {
            int code = new ProcessBuilder("sh", "-c", "kill -s " + name + " " + pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(code).as("kill -s %s %s", name, this).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGKILL, and waits for its end. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it, and what it started, if it still runs. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        kill();
    }

    @Override
    public String toString() {
        return "balsa " + String.join(" ", arguments) + " (pid " + pid() + ")";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
