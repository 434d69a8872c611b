package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Read access to the entries that have been handed to the log storage.
 *
 * <p>Only the ranges named here may be asked for; anything else is a defect of the caller.
 */
public interface LogReader {
    /** The index of the first entry that can be read; 1 unless a prefix was compacted away, also when the log is empty. */
    long firstIndex();

    /** The index of the last entry; {@code firstIndex() - 1} when there is none. */
    long lastIndex();

    /**
     * The term of an entry.
     *
     * @param index from {@code firstIndex()} to {@code lastIndex()}
     */
    long termAt(long index);

    /**
     * Reads consecutive entries.
     *
     * @param fromIndex the first entry wanted, from {@code firstIndex()} to {@code lastIndex()}
     * @param toIndex the last entry wanted, inclusive, not below {@code fromIndex}, at most {@code lastIndex()}
     * @param maxBytes stops before an entry that would exceed this sum of {@link LogEntry#sizeInBytes()}; the first
     *     entry is always returned
     * @return at least one entry, unmodifiable
     */
    List<LogEntry> read(long fromIndex, long toIndex, long maxBytes);

    /**
     * All entries of type {@link EntryType#CONFIGURATION} that can be read, in order. Asked for once, when a server starts; an
     * implementation that reads its whole log then anyway may note them on the way.
     */
    default List<LogEntry> configurations() {
        List<LogEntry> found = new ArrayList<>();
        long next = firstIndex();
        while (next <= lastIndex()) {
            for (LogEntry entry : read(next, lastIndex(), 1 << 20)) {
                if (entry.type() == EntryType.CONFIGURATION) {
                    found.add(entry);
                }
                next = entry.index() + 1;
            }
        }
        return found;
    }
}
