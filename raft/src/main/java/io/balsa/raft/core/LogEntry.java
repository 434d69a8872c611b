package io.balsa.raft.core;

import java.util.Arrays;
import java.util.Objects;

/**
 * One entry of the replicated log (section 5.3 of the paper).
 *
 * @param index the position in the log, from 1
 * @param term the term of the leader that appended it, from 1
 * @param type what the entry is for
 * @param timeMillis the replicated clock at this entry in milliseconds; never smaller than that of the entry before
 * @param payload the command or the encoded {@link Configuration}, empty for other types; owned by the entry and never modified
 */
public record LogEntry(long index, long term, EntryType type, long timeMillis, byte[] payload) {
    /** What an entry costs in memory and on the wire besides its payload, roughly, in bytes. */
    public static final int OVERHEAD_BYTES = 48;

    public LogEntry {
        Invariant.check(index > 0, "the index of an entry is positive");
        Invariant.check(term > 0, "the term of an entry is positive");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(payload, "payload");
    }

    /** The bytes that this entry counts for wherever bytes are bounded. */
    public int sizeInBytes() {
        return payload.length + OVERHEAD_BYTES;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogEntry that
                && index == that.index
                && term == that.term
                && type == that.type
                && timeMillis == that.timeMillis
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index) * 31 + Long.hashCode(term);
    }

    @Override
    public String toString() {
        return index + "/" + term + " " + type + " " + payload.length + "B @" + timeMillis;
    }
}
