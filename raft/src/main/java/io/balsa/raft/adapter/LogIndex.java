package io.balsa.raft.adapter;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows in which record each entry lies, where that is, and which term the entry has. Rebuilt on open; safe for one writer and
 * many readers.
 *
 * <p>It holds 20 bytes per record and 16 per change of term, not an object per entry: a log may have many millions. If single
 * entries of large records shall be found, it holds 4 bytes more per entry.
 */
final class LogIndex {
    private static final int INITIAL_CAPACITY = 64;

    // Record r holds the entries from firstIndexes[r] to just below firstIndexes[r + 1]; what it has above was
    // superseded.
    private long[] firstIndexes = new long[INITIAL_CAPACITY];
    private long[] places = new long[INITIAL_CAPACITY];
    private int[] lengths = new int[INITIAL_CAPACITY];
    private int records;
    private long bytes;

    // Entries from runStarts[r] to just below runStarts[r + 1] have the term runTerms[r].
    private long[] runStarts = new long[INITIAL_CAPACITY];
    private long[] runTerms = new long[INITIAL_CAPACITY];
    private int runs;

    private long firstIndex;
    private long lastIndex;

    /** Where each entry begins within its record, behind the header; null if that is not kept. */
    private int[] offsets;

    // There are few, and a server wants them all when it starts.
    private final NavigableMap<Long, LogEntry> configurations = new TreeMap<>();

    /**
     * @param firstIndex of the first entry
     */
    LogIndex(long firstIndex) {
        this(firstIndex, false);
    }

    /** @param findsEntries whether it knows where an entry lies within its record, which is one of a segment then */
    LogIndex(long firstIndex, boolean findsEntries) {
        this.offsets = findsEntries ? new int[INITIAL_CAPACITY] : null;
        this.firstIndex = firstIndex;
        this.lastIndex = firstIndex - 1;
    }

    /**
     * Where the record of an entry lies.
     *
     * @param place what its writer knows it by
     * @param length of the record in bytes
     * @param firstIndex of the record
     * @param lastIndex the last entry of the record that was not superseded
     */
    record Location(long place, int length, long firstIndex, long lastIndex) {
        /** For a place in a segment: the number of the segment. */
        int segment() {
            return (int) (place >>> Integer.SIZE);
        }

        /** For a place in a segment: the position of the excerpt in it. */
        int position() {
            return (int) place;
        }
    }

    synchronized long firstIndex() {
        return firstIndex;
    }

    synchronized long lastIndex() {
        return lastIndex;
    }

    /** The lengths of all records in bytes, also of those of which a part was superseded. */
    synchronized long bytes() {
        return bytes;
    }

    /** The place of the first record; {@link Long#MAX_VALUE} when there is none. */
    synchronized long firstPlace() {
        return records == 0 ? Long.MAX_VALUE : places[0];
    }

    /** Takes up a record that lies in a segment. */
    void append(int segment, int position, int length, List<LogEntry> entries) {
        append(((long) segment << Integer.SIZE) | position, length, entries);
    }

    /** Takes up a record. It supersedes every entry at and above its first. */
    synchronized void append(long place, int length, List<LogEntry> entries) {
        long first = entries.get(0).index();
        truncateFrom(first);
        if (records == firstIndexes.length) {
            int capacity = records * 2;
            firstIndexes = Arrays.copyOf(firstIndexes, capacity);
            places = Arrays.copyOf(places, capacity);
            lengths = Arrays.copyOf(lengths, capacity);
        }
        firstIndexes[records] = first;
        places[records] = place;
        lengths[records] = length;
        records++;
        bytes += length;
        for (LogEntry entry : entries) {
            appendTerm(entry.index(), entry.term());
            if (entry.type() == EntryType.CONFIGURATION) {
                configurations.put(entry.index(), entry);
            }
        }
        lastIndex = first + entries.size() - 1;
        if (offsets != null) {
            appendOffsets(entries);
        }
    }

    private void appendOffsets(List<LogEntry> entries) {
        int needed = (int) (lastIndex - firstIndex + 1);
        if (needed > offsets.length) {
            offsets = Arrays.copyOf(offsets, Math.max(needed, offsets.length * 2));
        }
        int offset = 0;
        for (LogEntry entry : entries) {
            offsets[(int) (entry.index() - firstIndex)] = offset;
            offset += (int) LogRecord.encodedLength(entry);
        }
    }

    /**
     * Where an entry lies in its record, if that is kept.
     *
     * @param offset behind the record's header
     * @param length up to the next entry, or to the end of the record
     */
    record Part(Location location, int offset, int length) {}

    /** Where an entry lies; empty if only its record is known. */
    synchronized Optional<Part> find(long index) {
        if (offsets == null || index < firstIndex || index > lastIndex) {
            return Optional.empty();
        }
        Location location = locate(index);
        int at = (int) (index - firstIndex);
        int end = index < location.lastIndex() ? offsets[at + 1] : location.length() - LogRecord.HEADER_BYTES;
        return Optional.of(new Part(location, offsets[at], end - offsets[at]));
    }

    private void truncateFrom(long index) {
        // The first record may begin below the log, of which then nothing is left.
        while (records > 0 && (firstIndexes[records - 1] >= index || index == firstIndex)) {
            records--;
            bytes -= lengths[records];
        }
        while (runs > 0 && runStarts[runs - 1] >= index) {
            runs--;
        }
        configurations.tailMap(index, true).clear();
    }

    /** Forgets the entries below an index, which is that of an entry. */
    synchronized void truncateBelow(long index) {
        int gone = floor(firstIndexes, records, index);
        for (int record = 0; record < gone; record++) {
            bytes -= lengths[record];
        }
        removeFirst(places, records, gone);
        System.arraycopy(lengths, gone, lengths, 0, records - gone);
        records = removeFirst(firstIndexes, records, gone);
        int goneRuns = floor(runStarts, runs, index);
        removeFirst(runTerms, runs, goneRuns);
        runs = removeFirst(runStarts, runs, goneRuns);
        runStarts[0] = index;
        configurations.headMap(index, false).clear();
        if (offsets != null) {
            offsets = Arrays.copyOfRange(offsets, (int) (index - firstIndex), offsets.length);
        }
        firstIndex = index;
    }

    private static int removeFirst(long[] values, int count, int gone) {
        System.arraycopy(values, gone, values, 0, count - gone);
        return count - gone;
    }

    /** Forgets everything; the next record begins at an index. */
    synchronized void reset(long index) {
        records = 0;
        bytes = 0;
        runs = 0;
        configurations.clear();
        firstIndex = index;
        lastIndex = index - 1;
    }

    synchronized List<LogEntry> configurations() {
        return List.copyOf(configurations.values());
    }

    private void appendTerm(long index, long term) {
        if (runs > 0 && runTerms[runs - 1] == term) {
            return;
        }
        if (runs == runStarts.length) {
            runStarts = Arrays.copyOf(runStarts, runs * 2);
            runTerms = Arrays.copyOf(runTerms, runs * 2);
        }
        runStarts[runs] = index;
        runTerms[runs] = term;
        runs++;
    }

    synchronized long termAt(long index) {
        return runTerms[floor(runStarts, runs, index)];
    }

    synchronized Location locate(long index) {
        int record = floor(firstIndexes, records, index);
        long last = record + 1 < records ? firstIndexes[record + 1] - 1 : lastIndex;
        return new Location(places[record], lengths[record], firstIndexes[record], last);
    }

    /**
     * Whether these entries, read from there, are what the log holds at their indexes now: the terms agree. False also
     * when they were superseded in the meantime, see {@link #isAt}.
     */
    synchronized boolean agreesWith(List<LogEntry> entries) {
        for (LogEntry entry : entries) {
            if (entry.index() < firstIndex || entry.index() > lastIndex || termAt(entry.index()) != entry.term()) {
                return false;
            }
        }
        return true;
    }

    /** Whether an entry is still where it was found before. */
    synchronized boolean isAt(long index, Location location) {
        return index >= firstIndex && index <= lastIndex && locate(index).equals(location);
    }

    private static int floor(long[] starts, int count, long wanted) {
        int found = Arrays.binarySearch(starts, 0, count, wanted);
        return found >= 0 ? found : -found - 2;
    }
}
