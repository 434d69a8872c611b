package io.balsa.simulation;

import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Result;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** When each key had which value, by the log: what a read that is not linearizable may answer is judged by it. */
final class KeyTimelines {
    /** The revision of a key that has no value. */
    static final long ABSENT = 0;

    private final Map<String, NavigableMap<Long, Long>> revisions = new HashMap<>();
    private final Map<Long, String> values = new HashMap<>();

    /** A command was executed, for the first time if it came more than once. */
    void executed(LogEntry entry, Command command, Result result) {
        switch (command.getOperationCase()) {
            case PUT ->
                written(
                        entry,
                        command.getPut().getKey(),
                        command.getPut().getValue().toStringUtf8(),
                        result);
            case COMPARE_AND_SET ->
                written(
                        entry,
                        command.getCompareAndSet().getKey(),
                        command.getCompareAndSet().getNewValue().toStringUtf8(),
                        result);
            case DELETE -> {
                if (result.getDeleted().getExisted()) {
                    timeline(command.getDelete().getKey()).put(entry.index(), ABSENT);
                }
            }
            default -> {
                // It concerns no key.
            }
        }
    }

    private void written(LogEntry entry, String key, String value, Result result) {
        if (result.hasWritten()) {
            timeline(key).put(entry.index(), result.getWritten().getRevision());
            values.put(result.getWritten().getRevision(), value);
        }
    }

    private NavigableMap<Long, Long> timeline(String key) {
        return revisions.computeIfAbsent(key, name -> new TreeMap<>(Map.of(0L, ABSENT)));
    }

    /**
     * The first index, not before another, after which a key had a value.
     *
     * @return empty if it never had
     */
    OptionalLong firstIndexOf(String key, long revision, String value, long floor) {
        if (revision != ABSENT && !value.equals(values.get(revision))) {
            return OptionalLong.empty();
        }
        NavigableMap<Long, Long> timeline = timeline(key);
        for (Map.Entry<Long, Long> each :
                timeline.tailMap(timeline.floorKey(floor), true).entrySet()) {
            if (each.getValue() == revision) {
                return OptionalLong.of(Math.max(floor, each.getKey()));
            }
        }
        return OptionalLong.empty();
    }
}
