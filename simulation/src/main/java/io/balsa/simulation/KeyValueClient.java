package io.balsa.simulation;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.CompareAndSetResult;
import io.balsa.statemachine.session.Expected;
import io.balsa.statemachine.session.KeyValue;
import io.balsa.statemachine.session.KeyValues;
import io.balsa.statemachine.session.Session;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Reads and writes a few keys that all clients share, one thing at a time, and takes down what it was told. */
final class KeyValueClient {
    private static final int KEYS = 4;
    private static final int MOST_THINKING_MILLIS = 400;

    private final CoordinationClient client;
    private final ClientProcess process;
    private final Session session;
    private final KeyValues keyValues;
    private final SplittableRandom random;
    private final Map<String, Long> seenRevisions = new HashMap<>();
    private final Map<String, String> seenValues = new HashMap<>();
    private final KeyTimelines timelines;
    /** The state after this index this session has seen by what it read, and by what it wrote as well. */
    private long readIndex;

    private long seenIndex;
    private int written;

    KeyValueClient(CoordinationClient client, ClientProcess process, Session session, KeyTimelines timelines) {
        this.client = client;
        this.process = process;
        this.session = session;
        this.keyValues = session.keyValues();
        this.random = process.random();
        this.timelines = timelines;
    }

    void begin() {
        process.after(Duration.ofMillis(random.nextInt(MOST_THINKING_MILLIS)), this::next);
    }

    private void next() {
        if (!client.goesOn()) {
            return;
        }
        String key = "k" + random.nextInt(KEYS);
        int choice = random.nextInt(100);
        if (choice < 45) {
            get(key);
        } else if (choice < 70) {
            put(key);
        } else if (choice < 80) {
            delete(key);
        } else if (choice < 90) {
            compareAndSetRevision(key);
        } else {
            compareAndSetValue(key);
        }
    }

    private String newValue() {
        return process.name() + "-" + session.id() + "-" + ++written;
    }

    private void get(String key) {
        ReadConsistency consistency =
                switch (random.nextInt(10)) {
                    case 0, 1 -> ReadConsistency.SESSION;
                    case 2, 3 -> ReadConsistency.LOCAL;
                    case 4, 5, 6 -> ReadConsistency.LEASE;
                    default -> ReadConsistency.LINEARIZABLE;
                };
        CompletableFuture<Optional<KeyValue>> answer = keyValues.getAsync(key, consistency);
        if (consistency == ReadConsistency.SESSION || consistency == ReadConsistency.LOCAL) {
            getStale(key, consistency, answer);
        } else {
            record("get", key, answer, found -> {
                follow(key, found, readIndex, "linearizability");
                return outputOf(key, found);
            });
        }
    }

    private Object outputOf(String key, Optional<KeyValue> found) {
        found.ifPresent(keyValue -> saw(key, keyValue));
        return found.<Object>map(keyValue -> List.of(keyValue.text(), keyValue.revision()))
                .orElse(null);
    }

    /** Such a read may be late, but not earlier than what this session read before, or even wrote. */
    private void getStale(String key, ReadConsistency consistency, CompletableFuture<Optional<KeyValue>> answer) {
        long floor = consistency == ReadConsistency.SESSION ? seenIndex : readIndex;
        String what = "get " + key + " " + consistency;
        CompletableFuture<?> unused = answer.whenComplete((found, failure) -> {
            if (failure == null) {
                follow(key, found, floor, "session-order");
                client.succeeded(what, outputOf(key, found));
            } else {
                client.failed(what, failure);
            }
            begin();
        });
    }

    private void follow(String key, Optional<KeyValue> found, long floor, String invariant) {
        OptionalLong index = timelines.firstIndexOf(
                key,
                found.map(KeyValue::revision).orElse(KeyTimelines.ABSENT),
                found.map(KeyValue::text).orElse(""),
                floor);
        client.context()
                .require(
                        index.isPresent(),
                        invariant,
                        () -> "%s reads %s of %s, which it was not at entry %d, which it has seen, or later"
                                .formatted(process.name(), found.map(KeyValue::text), key, floor));
        readIndex = Math.max(readIndex, index.orElseThrow());
        seenIndex = Math.max(seenIndex, readIndex);
    }

    private void saw(String key, KeyValue keyValue) {
        seenRevisions.put(key, keyValue.revision());
        seenValues.put(key, keyValue.text());
    }

    private void put(String key) {
        String value = newValue();
        record(
                "put",
                key,
                keyValues.putAsync(key, bytes(value)),
                revision -> {
                    seenRevisions.put(key, revision);
                    seenValues.put(key, value);
                    seenIndex = Math.max(seenIndex, revision);
                    return revision;
                },
                value);
    }

    private void delete(String key) {
        record("delete", key, keyValues.deleteAsync(key), existed -> existed);
    }

    private void compareAndSetRevision(String key) {
        long expected = seenRevisions.getOrDefault(key, 1L);
        String value = newValue();
        record(
                "cas-revision",
                key,
                keyValues.compareAndSetAsync(key, Expected.revision(expected), bytes(value)),
                KeyValueClient::outputOf,
                expected,
                value);
    }

    private void compareAndSetValue(String key) {
        String expected = seenValues.get(key);
        String value = newValue();
        record(
                "cas",
                key,
                keyValues.compareAndSetAsync(
                        key, expected == null ? Expected.absent() : Expected.value(expected), bytes(value)),
                KeyValueClient::outputOf,
                expected,
                value);
    }

    private static Object outputOf(CompareAndSetResult result) {
        if (result instanceof CompareAndSetResult.Set set) {
            return set.revision();
        }
        Optional<byte[]> found = ((CompareAndSetResult.Mismatch) result).value();
        return found.<Object>map(value -> List.of(
                        new String(value, StandardCharsets.UTF_8), ((CompareAndSetResult.Mismatch) result).revision()))
                .orElse(false);
    }

    private <T> void record(
            String op, String key, CompletableFuture<T> answer, Function<T, Object> outputOf, Object... args) {
        HistoryRecorder.Handle handle =
                client.context().history(CoordinationWorkload.KEY_VALUES).call(process.name(), op, key, args);
        String what = op + " " + key;
        CompletableFuture<?> unused = answer.whenComplete((value, failure) -> {
            if (failure == null) {
                Object output = outputOf.apply(value);
                handle.ok(output);
                client.succeeded(what, output);
            } else {
                client.settled(handle, what, failure);
            }
            begin();
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
