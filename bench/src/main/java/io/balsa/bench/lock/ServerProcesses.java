package io.balsa.bench.lock;

import io.balsa.bench.cluster.ServerProcess;
import io.balsa.bench.peer.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** The processes of one service, which end together. Not thread-safe. */
final class ServerProcesses implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private final Deque<ServerProcess> processes = new ArrayDeque<>();

    /** Starts one more; all end if it can't be started. */
    void start(List<String> command, Path log) throws IOException {
        try {
            processes.push(ServerProcess.start(command, log));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Waits until they serve; all end if they do not.
     *
     * @param what is waited for
     */
    void await(String what, BooleanSupplier serves) throws IOException, InterruptedException {
        try {
            Deadline.in(START_LIMIT).await(what, serves);
        } catch (TimeoutException e) {
            String outputs = outputs();
            close();
            throw new IllegalStateException(
                    what + " is not there after " + START_LIMIT.toSeconds() + " s; the servers say:\n" + outputs, e);
        } catch (InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private String outputs() throws IOException {
        StringBuilder all = new StringBuilder();
        for (ServerProcess process : processes) {
            all.append(process.output());
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        while (!processes.isEmpty()) {
            processes.pop().close();
        }
    }
}
