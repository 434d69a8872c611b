package io.balsa.raft.core;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** Entries that never change and know their size, so that whoever bounds bytes need not look at each. */
public final class Entries extends AbstractList<LogEntry> implements RandomAccess {
    private static final Entries NONE = new Entries(new LogEntry[0], 0);

    private final LogEntry[] entries;
    private final long sizeInBytes;

    private Entries(LogEntry[] entries, long sizeInBytes) {
        this.entries = entries;
        this.sizeInBytes = sizeInBytes;
    }

    /** Entries as they are now, which never change. */
    public static Entries copyOf(List<LogEntry> entries) {
        if (entries instanceof Entries unchanging) {
            return unchanging;
        }
        return entries.isEmpty() ? NONE : new Entries(entries.toArray(new LogEntry[0]), sizeOf(entries));
    }

    /**
     * These entries.
     *
     * @param entries not to be changed any more
     * @param sizeInBytes that of all together, see {@link LogEntry#sizeInBytes()}
     */
    static Entries of(LogEntry[] entries, long sizeInBytes) {
        return new Entries(entries, sizeInBytes);
    }

    /** The bytes that entries count for wherever bytes are bounded, see {@link LogEntry#sizeInBytes()}. */
    public static long sizeOf(List<LogEntry> entries) {
        if (entries instanceof Entries known) {
            return known.sizeInBytes;
        }
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).sizeInBytes();
        }
        return bytes;
    }

    @Override
    public LogEntry get(int position) {
        return entries[position];
    }

    @Override
    public int size() {
        return entries.length;
    }
}
