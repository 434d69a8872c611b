package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The machine on which the tests run: what it lets them do, and commands on it. */
public final class Host {
    private Host() {}

    /** What a command left. */
    public record Result(int exitCode, String output) {
        boolean isSuccess() {
            return exitCode == 0;
        }
    }

    /**
     * Skips the test, with the reason, where the machine does not allow it; fails it in continuous integration, which is
     * marked by the environment variable {@code CI} and has to provide everything.
     */
    static void require(boolean condition, String reason) {
        if (System.getenv("CI") != null) {
            assertThat(condition).as(reason).isTrue();
        }
        assumeTrue(condition, reason);
    }

    /** Runs a command to its end. */
    static Result run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(JarProcess.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .as("%s ends", command)
                    .isTrue();
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            return new Result(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether there is a command of this name. */
    static boolean has(String command) {
        return run(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; command -v " + command))
                .isSuccess();
    }

    static boolean isRoot() {
        return run(List.of("id", "-u")).output().strip().equals("0");
    }

    /** Starts a command that goes on. */
    static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
