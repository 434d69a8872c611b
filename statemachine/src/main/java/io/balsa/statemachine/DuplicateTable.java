package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Remembers the results of one session's commands until the client has them, so that a retry has one effect and gets the
 * same result.
 *
 * <p>A client pipelines and retries, so its sequence numbers may come in any order: what is kept is each result, not the
 * highest number.
 */
final class DuplicateTable {
    private final Map<Long, byte[]> results = new HashMap<>();
    private final ByteBudget budget;
    private long acknowledged;
    private long bytes;

    /** @param budget for the results of all sessions */
    DuplicateTable(ByteBudget budget) {
        this.budget = budget;
    }

    /** Forgets the results up to this sequence number; one that was acknowledged before changes nothing. */
    void acknowledge(long sequence) {
        if (sequence <= acknowledged) {
            return;
        }
        long newlyAcknowledged = sequence - acknowledged;
        if (newlyAcknowledged <= results.size()) {
            for (long number = acknowledged + 1; number <= sequence; number++) {
                byte[] result = results.remove(number);
                if (result != null) {
                    forget(result);
                }
            }
        } else {
            results.entrySet().removeIf(entry -> {
                boolean isAcknowledged = entry.getKey() <= sequence;
                if (isAcknowledged) {
                    forget(entry.getValue());
                }
                return isAcknowledged;
            });
        }
        acknowledged = sequence;
    }

    /** Forgets all results: the session is over. */
    void clear() {
        results.values().forEach(this::forget);
        results.clear();
    }

    private void forget(byte[] result) {
        bytes -= result.length;
        budget.giveBack(result.length);
    }

    /** The client has the results up to this sequence number. */
    long acknowledged() {
        return acknowledged;
    }

    /** The result of this command, or null when it has none. */
    byte[] resultOf(long sequence) {
        return results.get(sequence);
    }

    /** How many bytes the results have. */
    long bytes() {
        return bytes;
    }

    /** Whether there is no room even for a refusal. */
    boolean isFull(StateMachineLimits limits) {
        return results.size() >= limits.maxOutstandingResults();
    }

    /** @param result never modified from now on */
    void remember(long sequence, byte[] result) {
        Invariant.check(results.put(sequence, result) == null, "a command has one result");
        bytes += result.length;
        budget.use(result.length);
    }

    /** What is remembered, by sequence number. */
    Iterable<Map.Entry<Long, byte[]>> entries() {
        return new TreeMap<>(results).entrySet();
    }

    int size() {
        return results.size();
    }
}
