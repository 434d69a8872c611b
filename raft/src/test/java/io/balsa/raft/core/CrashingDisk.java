package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * A server's disk: it keeps what was synced, and a crash forgets the rest, or keeps any part of it that is whole and in
 * order. It refuses to be asked for anything that {@link LogReader} doesn't allow.
 */
final class CrashingDisk implements LogReader {
    private final List<LogEntry> entries = new ArrayList<>();
    private final Deque<Ready.Append> unsynced = new ArrayDeque<>();
    private HardState hardState = HardState.INITIAL;

    HardState hardState() {
        return hardState;
    }

    void save(HardState state) {
        hardState = state;
    }

    /** Takes an append, not yet written: a reader doesn't see it, and a crash loses it. */
    void queue(Ready.Append append) {
        unsynced.addLast(append);
    }

    int unsyncedAppends() {
        return unsynced.size();
    }

    int unsyncedEntries() {
        return unsynced.stream().mapToInt(append -> append.entries().size()).sum();
    }

    /**
     * Writes the oldest of the queued appends and makes them durable.
     *
     * @return the sequence of the last one
     */
    long sync(int appends) {
        long sequence = 0;
        for (int i = 0; i < appends; i++) {
            Ready.Append append = unsynced.removeFirst();
            append.entries().forEach(this::write);
            sequence = append.sequence();
        }
        return sequence;
    }

    /** Loses what was not synced, but for so many entries. */
    void crash(int keptEntries) {
        int kept = keptEntries;
        for (Ready.Append append : unsynced) {
            for (LogEntry entry : append.entries()) {
                if (kept > 0) {
                    kept--;
                    write(entry);
                }
            }
        }
        unsynced.clear();
    }

    /** Loses entries that were synced, as no honest disk does. */
    void loseFrom(long index) {
        entries.subList((int) index - 1, entries.size()).clear();
    }

    /** What would be there after a crash. */
    List<LogEntry> durableEntries() {
        return Collections.unmodifiableList(entries);
    }

    private void write(LogEntry entry) {
        if (entry.index() > entries.size() + 1L) {
            throw new AssertionError("a gap in the log before " + entry);
        }
        if (entry.index() <= entries.size()) {
            loseFrom(entry.index());
        }
        entries.add(entry);
    }

    @Override
    public long firstIndex() {
        return 1;
    }

    @Override
    public long lastIndex() {
        return entries.size();
    }

    @Override
    public long termAt(long index) {
        checkReadable(index);
        return entries.get((int) index - 1).term();
    }

    @Override
    public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        checkReadable(fromIndex);
        checkReadable(toIndex);
        if (toIndex < fromIndex) {
            throw new AssertionError("read from " + fromIndex + " to " + toIndex);
        }
        List<LogEntry> result = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= toIndex; index++) {
            LogEntry entry = entries.get((int) index - 1);
            bytes += entry.sizeInBytes();
            if (bytes > maxBytes && !result.isEmpty()) {
                break;
            }
            result.add(entry);
        }
        return Collections.unmodifiableList(result);
    }

    private void checkReadable(long index) {
        if (index < 1 || index > entries.size()) {
            throw new AssertionError("asked for entry " + index + " of a log from 1 to " + entries.size());
        }
    }
}
