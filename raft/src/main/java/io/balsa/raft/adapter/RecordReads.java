package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** Reads entries of a log that can be had only by the record, many of which may be needed. */
final class RecordReads {
    private RecordReads() {}

    /**
     * Reads entries, as {@link io.balsa.raft.core.LogReader#read} says.
     *
     * @param fromRecord the entries of one record from an index on, at least one
     */
    static List<LogEntry> read(long fromIndex, long toIndex, long maxBytes, LongFunction<List<LogEntry>> fromRecord) {
        List<LogEntry> result = new ArrayList<>();
        long bytes = 0;
        long next = fromIndex;
        while (next <= toIndex) {
            for (LogEntry entry : fromRecord.apply(next)) {
                if (entry.index() > toIndex) {
                    break;
                }
                bytes += entry.sizeInBytes();
                if (bytes > maxBytes && !result.isEmpty()) {
                    return List.copyOf(result);
                }
                result.add(entry);
                next++;
            }
        }
        return List.copyOf(result);
    }
}
