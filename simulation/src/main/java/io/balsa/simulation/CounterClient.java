package io.balsa.simulation;

import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.CounterUpdate;
import io.balsa.statemachine.session.Counters;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Counts up and down, sets and compares, and waits for small numbers: of atomic longs and of latches of the same names. */
final class CounterClient {
    private static final int NAMES = 2;
    private static final int LARGEST = 4;
    private static final int LONGEST_PAUSE_MILLIS = 500;
    private static final int LONGEST_WAIT_MILLIS = 3_000;

    private final CoordinationClient client;
    private final ClientProcess process;
    private final Session session;
    private final SplittableRandom random;
    private final Map<String, Long> seen = new HashMap<>();

    CounterClient(CoordinationClient client, ClientProcess process, Session session, SplittableRandom random) {
        this.client = client;
        this.process = process;
        this.session = session;
        this.random = random;
    }

    void begin() {
        process.after(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)), this::next);
    }

    private void next() {
        if (!client.goesOn()) {
            return;
        }
        boolean latch = random.nextInt(3) == 0;
        Counters counters = latch ? session.latches() : session.counters();
        String name = "n" + random.nextInt(NAMES);
        String key = (latch ? "latch " : "long ") + name;
        long operand = random.nextLong(-1, LARGEST);
        long seenValue = seen.getOrDefault(key, 0L);
        int choice = random.nextInt(20);
        if (choice < 6) {
            record("add", key, counters.addAsync(name, operand), CounterUpdate::after, operand);
        } else if (choice < 11) {
            record(
                    "take",
                    key,
                    counters.addAsync(name, -1, 0),
                    update -> update.applied() ? (Object) update.after() : false,
                    -1L,
                    0L);
        } else if (choice < 15) {
            record("get", key, counters.getAsync(name), value -> value.value());
        } else if (choice < 16) {
            record("set", key, counters.setAsync(name, operand), CounterUpdate::before, operand);
        } else if (choice < 18) {
            record(
                    "cas",
                    key,
                    counters.compareAndSetAsync(name, seenValue, operand),
                    CounterUpdate::applied,
                    seenValue,
                    operand);
        } else {
            await(counters, name, key, seenValue - random.nextInt(3));
        }
    }

    private void await(Counters counters, String name, String key, long limit) {
        Duration wait = Duration.ofMillis(random.nextInt(LONGEST_WAIT_MILLIS));
        HistoryRecorder.Handle handle = call("await", key, limit);
        String what = "await " + key + " " + limit;
        CompletableFuture<?> unused = counters.awaitAtMostAsync(name, limit, wait)
                .whenComplete((reached, failure) -> {
                    if (failure != null) {
                        client.settled(handle, what, failure);
                    } else if (reached) {
                        handle.ok(true);
                        client.succeeded(what, "reached");
                    } else {
                        // Who waited in vain knows nothing of any moment.
                        handle.fail();
                        client.succeeded(what, "not in time");
                    }
                    begin();
                });
    }

    private <T> void record(
            String op, String key, CompletableFuture<T> answer, Function<T, Object> outputOf, Object... args) {
        HistoryRecorder.Handle handle = call(op, key, args);
        String what = op + " " + key;
        CompletableFuture<?> unused = answer.whenComplete((value, failure) -> {
            if (failure == null) {
                Object output = outputOf.apply(value);
                if (output instanceof Long number) {
                    seen.put(key, number);
                }
                handle.ok(output);
                client.succeeded(what, output);
            } else {
                client.settled(handle, what, failure);
            }
            begin();
        });
    }

    private HistoryRecorder.Handle call(String op, String key, Object... args) {
        return client.context().history(CoordinationWorkload.COUNTERS).call(process.name(), op, key, args);
    }
}
