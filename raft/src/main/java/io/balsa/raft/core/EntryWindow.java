package io.balsa.raft.core;

import java.util.List;

/** The newest entries of a log, consecutive, in memory: appended and truncated at the end, evicted at the beginning. */
final class EntryWindow {
    private static final int INITIAL_CAPACITY = 64;

    private LogEntry[] ring = new LogEntry[INITIAL_CAPACITY];
    /** Where each entry ends, if all that ever were in the window lay behind one another: so sizes need no look at entries. */
    private long[] ends = new long[INITIAL_CAPACITY];

    private long firstIndex;
    private int size;
    /** Where the first begins, and where the last ends. */
    private long begin;

    private long end;

    EntryWindow(long firstIndex) {
        this.firstIndex = firstIndex;
    }

    long firstIndex() {
        return firstIndex;
    }

    long lastIndex() {
        return firstIndex + size - 1;
    }

    long bytes() {
        return end - begin;
    }

    /** Those of the entries from an index on, which is in the window or just behind it. */
    long bytesFrom(long index) {
        return end - (index == firstIndex ? begin : ends[slot(index - 1)]);
    }

    LogEntry get(long index) {
        Invariant.check(
                index >= firstIndex && index <= lastIndex(),
                "entry %d is in the window that ends at %d",
                index,
                lastIndex());
        return ring[slot(index)];
    }

    void append(LogEntry entry) {
        Invariant.check(entry.index() == lastIndex() + 1, "entry %d follows entry %d", entry.index(), lastIndex());
        if (size == ring.length) {
            grow();
        }
        int slot = slot(entry.index());
        end += entry.sizeInBytes();
        ring[slot] = entry;
        ends[slot] = end;
        size++;
    }

    /** Removes all entries at and above an index. */
    void truncateFrom(long index) {
        while (size > 0 && lastIndex() >= index) {
            ring[slot(lastIndex())] = null;
            size--;
            end = size == 0 ? begin : ends[slot(lastIndex())];
        }
        if (index < firstIndex) {
            firstIndex = index;
        }
    }

    /** Removes the oldest entry. */
    void evictFirst() {
        int slot = slot(firstIndex);
        begin = ends[slot];
        ring[slot] = null;
        size--;
        firstIndex++;
    }

    /** Consecutive entries from an index on, at least one, up to an index and a number of bytes. */
    List<LogEntry> slice(long fromIndex, long toIndex, long maxBytes) {
        Invariant.check(
                fromIndex >= firstIndex && fromIndex <= toIndex && toIndex <= lastIndex(),
                "entries from %d to %d are in the window",
                fromIndex,
                toIndex);
        long from = fromIndex == firstIndex ? begin : ends[slot(fromIndex - 1)];
        long last = toIndex;
        if (ends[slot(last)] - from > maxBytes) {
            last = lastWithin(fromIndex, last, from + maxBytes);
        }
        LogEntry[] entries = new LogEntry[(int) (last - fromIndex + 1)];
        int first = slot(fromIndex);
        int beforeWrap = Math.min(entries.length, ring.length - first);
        System.arraycopy(ring, first, entries, 0, beforeWrap);
        System.arraycopy(ring, 0, entries, beforeWrap, entries.length - beforeWrap);
        return Entries.of(entries, ends[slot(last)] - from);
    }

    /** The last entry that ends at or before this place, at least the first. */
    private long lastWithin(long fromIndex, long toIndex, long place) {
        long low = fromIndex;
        long high = toIndex;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (ends[slot(middle)] <= place) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private void grow() {
        LogEntry[] largerRing = new LogEntry[ring.length * 2];
        long[] largerEnds = new long[largerRing.length];
        for (long index = firstIndex; index <= lastIndex(); index++) {
            int slot = (int) (index & (largerRing.length - 1));
            largerRing[slot] = ring[slot(index)];
            largerEnds[slot] = ends[slot(index)];
        }
        ring = largerRing;
        ends = largerEnds;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }
}
