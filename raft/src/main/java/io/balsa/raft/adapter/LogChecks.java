package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;
import java.util.List;

/** Holds the callers of a log storage to the contract of its port. */
final class LogChecks {
    private LogChecks() {}

    static void checkAppend(List<LogEntry> entries, long firstIndex, long lastIndex) {
        Invariant.check(!entries.isEmpty(), "an append has entries");
        long index = entries.get(0).index();
        Invariant.check(
                index >= firstIndex && index <= lastIndex + 1,
                "an append begins at most one above the last index: %d, last %d",
                index,
                lastIndex);
        for (LogEntry entry : entries) {
            Invariant.check(
                    entry.index() == index,
                    "the entries of an append are consecutive: %d, not %d",
                    index,
                    entry.index());
            index++;
        }
    }

    static void checkTruncatePrefix(long firstIndexToKeep, long firstIndex, long lastIndex) {
        Invariant.check(
                firstIndexToKeep >= firstIndex && firstIndexToKeep <= lastIndex + 1,
                "a log is cut at the beginning within its entries: at %d, last %d",
                firstIndexToKeep,
                lastIndex);
    }

    static void checkReset(long firstIndex) {
        Invariant.check(firstIndex > 0, "a log begins at a positive index");
    }

    static void checkIndex(long index, long firstIndex, long lastIndex) {
        Invariant.check(
                index >= firstIndex && index <= lastIndex,
                "only entries of the log are asked for: %d, last %d",
                index,
                lastIndex);
    }

    static void checkRange(long fromIndex, long toIndex, long firstIndex, long lastIndex) {
        checkIndex(fromIndex, firstIndex, lastIndex);
        checkIndex(toIndex, firstIndex, lastIndex);
        Invariant.check(fromIndex <= toIndex, "a range is not empty: %d to %d", fromIndex, toIndex);
    }
}
