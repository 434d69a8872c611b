package io.balsa.server.nemesis;

import io.balsa.raft.client.RequestException;
import io.balsa.simulation.history.HistoryRecorder;
import io.balsa.statemachine.session.CompareAndSetResult;
import io.balsa.statemachine.session.Expected;
import io.balsa.statemachine.session.KeyValue;
import io.balsa.statemachine.session.KeyValues;
import io.balsa.statemachine.session.Session;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Reads, writes, deletes and compares-and-sets a few keys, each value written once. */
final class KeyValueClient extends NemesisClient {
    private static final int KEYS = 3;

    private final Map<String, KeyValue> seen = new HashMap<>();
    private int written;

    KeyValueClient(String name, String addresses, NemesisClients all, Random random) {
        super(name, addresses, all, random);
    }

    @Override
    void act(Session session) {
        String key = all().key("k" + random().nextInt(KEYS));
        KeyValues keyValues = session.keyValues();
        switch (random().nextInt(10)) {
            case 0, 1, 2, 3 -> get(keyValues, key);
            case 4, 5, 6 -> put(keyValues, key);
            case 7 -> delete(keyValues, key);
            case 8 -> compareAndSet(keyValues, key);
            default -> compareRevisionAndSet(keyValues, key);
        }
    }

    private void get(KeyValues keyValues, String key) {
        ask(call("get", key), () -> {
            Optional<KeyValue> found = keyValues.get(key);
            found.ifPresent(keyValue -> seen.put(key, keyValue));
            return output(found);
        });
    }

    /** Reads a key, and takes it down; throws what the session throws. */
    static void read(String client, HistoryRecorder recorder, Session session, String key) {
        HistoryRecorder.Handle handle = recorder.call(client, "get", key);
        try {
            handle.ok(output(session.keyValues().get(key)));
        } catch (RequestException e) {
            handle.fail();
            throw e;
        }
    }

    private static Object output(Optional<KeyValue> found) {
        return found.map(keyValue -> Arrays.<Object>asList(keyValue.text(), keyValue.revision()))
                .orElse(null);
    }

    private void put(KeyValues keyValues, String key) {
        String value = newValue();
        ask(call("put", key, value), () -> keyValues.put(key, value));
    }

    private void delete(KeyValues keyValues, String key) {
        ask(call("delete", key), () -> keyValues.delete(key));
    }

    private void compareAndSet(KeyValues keyValues, String key) {
        String value = newValue();
        Optional<String> expected = Optional.ofNullable(seen.get(key)).map(KeyValue::text);
        ask(
                call("cas", key, expected.orElse(null), value),
                () -> output(keyValues.compareAndSet(
                        key, expected.map(Expected::value).orElseGet(Expected::absent), bytes(value))));
    }

    private void compareRevisionAndSet(KeyValues keyValues, String key) {
        KeyValue expected = seen.get(key);
        if (expected == null) {
            get(keyValues, key);
            return;
        }
        String value = newValue();
        ask(
                call("cas-revision", key, expected.revision(), value),
                () -> output(keyValues.compareAndSet(key, Expected.revision(expected.revision()), bytes(value))));
    }

    private HistoryRecorder.Handle call(String op, String key, Object... args) {
        return all().keyValueRecorder().call(name(), op, key, args);
    }

    private static Object output(CompareAndSetResult result) {
        if (result instanceof CompareAndSetResult.Set set) {
            return set.revision();
        }
        CompareAndSetResult.Mismatch found = (CompareAndSetResult.Mismatch) result;
        String value = found.value()
                .map(content -> new String(content, StandardCharsets.UTF_8))
                .orElse(null);
        return Arrays.<Object>asList(value, found.revision());
    }

    private String newValue() {
        return name() + "-" + ++written;
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
