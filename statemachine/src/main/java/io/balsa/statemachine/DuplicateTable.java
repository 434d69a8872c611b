package io.balsa.statemachine;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Remembers the results of one session's commands until the client has them, so that a retry has one effect and gets the
 * same result.
 *
 * <p>A client pipelines and retries, so its sequence numbers may come in any order: what is kept is each result, not the
 * highest number.
 */
final class DuplicateTable {
    private final NavigableMap<Long, byte[]> results = new TreeMap<>();
    private long acknowledged;
    private long bytes;

    /** Forgets the results up to this sequence number; one that was acknowledged before changes nothing. */
    void acknowledge(long sequence) {
        if (sequence <= acknowledged) {
            return;
        }
        acknowledged = sequence;
        while (!results.isEmpty() && results.firstKey() <= sequence) {
            bytes -= results.pollFirstEntry().getValue().length;
        }
    }

    /** The client has the results up to this sequence number. */
    long acknowledged() {
        return acknowledged;
    }

    /** The result of this command, or null when it has none. */
    byte[] resultOf(long sequence) {
        return results.get(sequence);
    }

    boolean isFull(StateMachineLimits limits) {
        return results.size() >= limits.maxOutstandingResults() || bytes >= limits.maxOutstandingResultBytes();
    }

    void remember(long sequence, byte[] result) {
        results.put(sequence, result);
        bytes += result.length;
    }

    /** What is remembered, by sequence number; a view. */
    Iterable<Map.Entry<Long, byte[]>> entries() {
        return results.entrySet();
    }

    int size() {
        return results.size();
    }
}
