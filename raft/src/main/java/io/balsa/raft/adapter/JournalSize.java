package io.balsa.raft.adapter;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** How many bytes of a journal lie from an entry on, to within a fraction of a segment. Used under its journal's lock. */
final class JournalSize {
    private static final int MAX_STEP_BYTES = 64 << 10;
    private static final int STEPS_PER_SEGMENT = 16;

    /** What lies between two entries of which it is known exactly how much lies before them. */
    private final int stepBytes;

    private final NavigableMap<Long, Long> bytesBefore = new TreeMap<>();
    private long bytes;

    JournalSize(int segmentBytes) {
        stepBytes = Math.min(MAX_STEP_BYTES, segmentBytes / STEPS_PER_SEGMENT);
    }

    /** Takes up an entry behind all others. */
    void append(long index, int length) {
        if (bytesBefore.isEmpty() || bytes - bytesBefore.lastEntry().getValue() >= stepBytes) {
            bytesBefore.put(index, bytes);
        }
        bytes += length;
    }

    /** The bytes from an entry on, or from a little before it. */
    long from(long index) {
        Map.Entry<Long, Long> before = bytesBefore.floorEntry(index);
        return bytes - (before == null ? 0 : before.getValue());
    }

    /** Forgets what lies below an entry. */
    void forgetBelow(long index) {
        Long floor = bytesBefore.floorKey(index);
        if (floor != null) {
            bytesBefore.headMap(floor, false).clear();
        }
    }
}
