package io.balsa.server.command;

import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command that runs with this process's input and output, and can be ended with its descendants. */
final class ChildProcess {
    private final Process process;

    private ChildProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a command.
     *
     * @param environment added to this process's own
     * @throws CommandFailure if it can't be started
     */
    static ChildProcess start(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(builder.start());
        } catch (IOException e) {
            String program = command.get(0);
            boolean found = program.contains("/") && Files.exists(Path.of(program));
            // The message ends like: error=2, No such file or directory
            boolean missing = String.valueOf(e.getMessage()).contains("error=2,");
            throw missing && !found
                    ? new CommandFailure(ExitCode.COMMAND_NOT_FOUND, "there is no command '" + program + "'", e)
                    : new CommandFailure(
                            ExitCode.CANNOT_EXECUTE, "'" + program + "' cannot be started: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return String.valueOf(e.getMessage()).replaceFirst("^.*error=\\d+, ", "");
    }

    /** Hands on a signal that this process got. */
    void forward(Signals.Signal signal) {
        if (signal.name().equals("TERM")) {
            process.destroy();
        } else {
            forwardInterrupt();
        }
    }

    /** At a terminal, Ctrl-C has reached the command without us, and to many a second SIGINT means something else. */
    private void forwardInterrupt() {
        try {
            new ProcessBuilder("sh", "-c", "test -t 0 || kill -s INT " + process.pid())
                    .inheritIO()
                    .start();
        } catch (IOException e) {
            process.destroy();
        }
    }

    /** Waits for the end; gives the exit code, or 128 and the number of the signal that ended it. */
    int await() throws InterruptedException {
        return process.waitFor();
    }

    /**
     * Ends it and its descendants: with SIGTERM, and what then still lives with SIGKILL. Returns when it is done. Not found
     * is a process whose parent has ended; a process group of its own would find it, but take the terminal away from all.
     */
    void endTree(Duration grace) {
        List<ProcessHandle> tree = tree();
        tree.forEach(ProcessHandle::destroy);
        CompletableFuture<?>[] ends = tree.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            killForcibly(tree);
        } catch (InterruptedException e) {
            killForcibly(tree);
            Thread.currentThread().interrupt();
        }
    }

    private void killForcibly(List<ProcessHandle> tree) {
        // Also what was started since.
        tree().forEach(ProcessHandle::destroyForcibly);
        tree.forEach(ProcessHandle::destroyForcibly);
    }

    private List<ProcessHandle> tree() {
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(0, process.toHandle());
        return tree;
    }
}
