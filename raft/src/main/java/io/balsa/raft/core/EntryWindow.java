package io.balsa.raft.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The newest entries of a log, consecutive, in memory: appended and truncated at the end, evicted at the beginning. */
final class EntryWindow {
    private static final int INITIAL_CAPACITY = 64;

    private LogEntry[] ring = new LogEntry[INITIAL_CAPACITY];
    private long firstIndex;
    private int size;
    private long bytes;

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
        return bytes;
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
        ring[slot(entry.index())] = entry;
        size++;
        bytes += entry.sizeInBytes();
    }

    /** Removes all entries at and above an index. */
    void truncateFrom(long index) {
        while (size > 0 && lastIndex() >= index) {
            remove(lastIndex());
        }
        if (index < firstIndex) {
            firstIndex = index;
        }
    }

    /** Removes the oldest entry. */
    void evictFirst() {
        remove(firstIndex);
        firstIndex++;
    }

    /** Consecutive entries from an index on, at least one, up to an index and a number of bytes. */
    List<LogEntry> slice(long fromIndex, long toIndex, long maxBytes) {
        Invariant.check(
                fromIndex >= firstIndex && fromIndex <= toIndex && toIndex <= lastIndex(),
                "entries from %d to %d are in the window",
                fromIndex,
                toIndex);
        long sum = ring[slot(fromIndex)].sizeInBytes();
        long end = fromIndex;
        while (end < toIndex) {
            sum += ring[slot(end + 1)].sizeInBytes();
            if (sum > maxBytes) {
                break;
            }
            end++;
        }
        LogEntry[] entries = new LogEntry[(int) (end - fromIndex + 1)];
        int first = slot(fromIndex);
        int beforeWrap = Math.min(entries.length, ring.length - first);
        System.arraycopy(ring, first, entries, 0, beforeWrap);
        System.arraycopy(ring, 0, entries, beforeWrap, entries.length - beforeWrap);
        return Collections.unmodifiableList(Arrays.asList(entries));
    }

    private void remove(long index) {
        int slot = slot(index);
        bytes -= ring[slot].sizeInBytes();
        ring[slot] = null;
        size--;
    }

    private void grow() {
        LogEntry[] larger = new LogEntry[ring.length * 2];
        for (int i = 0; i < size; i++) {
            LogEntry entry = ring[slot(firstIndex + i)];
            larger[(int) (entry.index() & (larger.length - 1))] = entry;
        }
        ring = larger;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }
}
