package io.balsa.raft.adapter;

import io.balsa.raft.adapter.DurableMark.Base;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Knows what each segment begins with, and so at which of them a log can begin. Used by one thread. */
final class SegmentStarts {
    private final NavigableMap<Integer, Base> starts = new TreeMap<>();

    /** Takes up a record; the first of a segment counts. */
    void note(int segment, long recordsBefore, long firstIndex) {
        starts.computeIfAbsent(segment, unused -> new Base(segment, recordsBefore, firstIndex));
    }

    /**
     * The last beginning of a segment with which the log can begin and keep everything from an index on. Empty if there is
     * none behind its present beginning.
     *
     * @param wanted an entry of the log
     */
    Optional<Base> lastBefore(LogIndex index, long wanted) {
        int segment = index.locate(wanted).segment();
        for (Base start : starts.headMap(segment, true).descendingMap().values()) {
            if (start.firstIndex() <= index.firstIndex()) {
                return Optional.empty();
            }
            if (isWhereEntriesPass(index, start)) {
                return Optional.of(start);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the entries from the segment's first on lie in it or behind, and those below lie before it. That is so unless
     * the segment begins with entries that were superseded: without the segments before it, its first record would then
     * have to follow entries that are gone.
     */
    private static boolean isWhereEntriesPass(LogIndex index, Base start) {
        long first = start.firstIndex();
        if (first <= index.firstIndex() || first > index.lastIndex()) {
            return false;
        }
        LogIndex.Location there = index.locate(first);
        return there.segment() == start.segment()
                && there.firstIndex() == first
                && index.locate(first - 1).segment() < start.segment();
    }

    /** Forgets the segments below one. */
    void forgetBelow(int segment) {
        starts.headMap(segment, false).clear();
    }
}
