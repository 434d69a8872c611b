package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.CompareAndSet;
import io.balsa.statemachine.proto.Delete;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.Result;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Keeps values by key, each with the index of the entry that wrote it. */
final class KeyValueStore {
    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final NavigableMap<String, KeyValue> values = new TreeMap<>();

    /** The bytes of all keys and values. */
    private long bytes;

    KeyValueStore(StateMachineLimits limits, ReplicatedClock clock) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
    }

    Result put(Put command) throws Refused {
        checks.name("the key", command.getKey());
        checks.value(command.getValue().size());
        return write(command.getKey(), command.getValue());
    }

    Result delete(Delete command) throws Refused {
        checks.name("the key", command.getKey());
        KeyValue removed = values.remove(command.getKey());
        if (removed != null) {
            bytes -= sizeOf(command.getKey(), removed.value());
        }
        return Results.deleted(removed != null);
    }

    Result compareAndSet(CompareAndSet command) throws Refused {
        checks.name("the key", command.getKey());
        checks.value(command.getNewValue().size());
        KeyValue current = values.get(command.getKey());
        return isAsExpected(command, current)
                ? write(command.getKey(), command.getNewValue())
                : Results.mismatch(current);
    }

    private static boolean isAsExpected(CompareAndSet command, KeyValue current) throws Refused {
        return switch (command.getExpectedCase()) {
            case ABSENT -> {
                if (!command.getAbsent()) {
                    throw Refused.invalid("absent is only ever true");
                }
                yield current == null;
            }
            case REVISION -> current != null && current.revision() == command.getRevision();
            case VALUE -> current != null && current.value().equals(command.getValue());
            case EXPECTED_NOT_SET -> throw Refused.invalid("compare-and-set without what to compare");
        };
    }

    private Result write(String key, ByteString value) throws Refused {
        KeyValue current = values.get(key);
        if (current == null && values.size() >= limits.maxKeys()) {
            throw Refused.limit("there are " + limits.maxKeys() + " keys");
        }
        long newBytes = bytes + sizeOf(key, value) - (current == null ? 0 : sizeOf(key, current.value()));
        if (newBytes > limits.maxKeyValueBytes() && newBytes > bytes) {
            throw Refused.limit("keys and values have " + limits.maxKeyValueBytes() + " bytes");
        }
        long createRevision = current == null ? clock.index() : current.createRevision();
        values.put(key, new KeyValue(value, clock.index(), createRevision));
        bytes = newBytes;
        return Results.written(clock.index());
    }

    /** Adds a key, out of a snapshot. */
    void restore(String key, KeyValue value) {
        Invariant.check(values.put(key, value) == null, "a key is there once");
        bytes += sizeOf(key, value.value());
    }

    /** What the key has, or null. */
    KeyValue find(String key) {
        return values.get(key);
    }

    /** All of them, by key; a view. */
    Iterable<Map.Entry<String, KeyValue>> all() {
        return values.entrySet();
    }

    private static long sizeOf(String key, ByteString value) {
        return key.getBytes(StandardCharsets.UTF_8).length + (long) value.size();
    }
}
