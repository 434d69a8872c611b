package io.balsa.bench.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that runs as a process of its own and never outlives this JVM, however that ends: a shell waits for the end of its
 * input, which comes with the end of whoever holds the other end, and then kills the server.
 */
public final class ServerProcess implements AutoCloseable {
    private static final String SHELL = "\"$@\" & read -r unused; kill -KILL $!; wait";
    private static final long END_SECONDS = 30;

    private final Process shell;
    private final Path log;

    private ServerProcess(Process shell, Path log) {
        this.shell = shell;
        this.log = log;
    }

    /**
     * Starts a server.
     *
     * @param log takes all that it prints
     */
    public static ServerProcess start(List<String> command, Path log) throws IOException {
        List<String> wrapped = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
        wrapped.addAll(command);
        return new ServerProcess(
                new ProcessBuilder(wrapped)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start(),
                log);
    }

    /** The processes below the shell. */
    List<ProcessHandle> processes() {
        return shell.toHandle().descendants().toList();
    }

    /** What it printed. */
    public String output() throws IOException {
        return Files.readString(log);
    }

    /** Kills it and waits until it has ended; what it held is durable, or worth nothing. */
    @Override
    public void close() throws IOException {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server of " + log + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the server of " + log + " ends", e);
        }
    }
}
