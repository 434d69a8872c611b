package io.balsa.simulation;

import io.balsa.raft.client.RaftClient;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Clients that count, and hold the group to it: nobody reads less than was acknowledged before it asked, nor more than was
 * ever asked for.
 */
class CounterWorkload implements Workload {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final byte[] ADD_ONE = {1};
    private static final byte[] HOW_MANY = {};

    private final WorkloadContext context;
    private long asked;
    private long acknowledged;
    private long succeeded;
    private boolean stopped;

    CounterWorkload(WorkloadContext context) {
        this.context = context;
    }

    @Override
    public void begin(ClientProcess process) {
        next(process, process.connect());
    }

    private void next(ClientProcess process, RaftClient client) {
        if (stopped) {
            return;
        }
        process.after(Duration.ofMillis(process.random().nextInt(200)), () -> {
            CompletableFuture<?> done = process.random().nextBoolean() ? add(client) : read(client);
            CompletableFuture<?> unused = done.whenComplete((any, failure) -> {
                succeeded += failure == null ? 1 : 0;
                process.note(() -> failure == null ? "counts on" : "fails: " + failure.getMessage());
                next(process, client);
            });
        });
    }

    private CompletableFuture<?> add(RaftClient client) {
        asked++;
        return client.propose(ADD_ONE, TIMEOUT, false).thenAccept(applied -> acknowledged++);
    }

    private CompletableFuture<?> read(RaftClient client) {
        long least = acknowledged;
        return client.read(ReadConsistency.LINEARIZABLE, 0, HOW_MANY, TIMEOUT).thenAccept(answer -> {
            long read = CounterMachine.number(answer.answer());
            context.require(
                    least <= read && read <= asked,
                    "counter",
                    () -> "%d was read; %d were acknowledged before, and %d asked for".formatted(read, least, asked));
        });
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public long succeeded() {
        return succeeded;
    }
}
