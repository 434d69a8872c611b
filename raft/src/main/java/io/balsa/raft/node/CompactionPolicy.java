package io.balsa.raft.node;

/**
 * When a node takes a snapshot, and how much of the log before it stays for slow followers. Immutable.
 *
 * @param maxLogBytes a snapshot is taken when this many bytes of entries were applied since the last one
 * @param maxLogEntries a snapshot is taken when this many entries were applied since the last one
 * @param keptEntries so many entries below a snapshot stay in the log, so that a follower that is not further behind needs no
 *     snapshot
 */
public record CompactionPolicy(long maxLogBytes, long maxLogEntries, long keptEntries) {
    /** 64 MiB or 1,000,000 entries; 10,000 entries stay. */
    public static final CompactionPolicy DEFAULT = new CompactionPolicy(64L << 20, 1_000_000, 10_000);

    public CompactionPolicy {
        if (maxLogBytes < 1 || maxLogEntries < 1) {
            throw new IllegalArgumentException("a snapshot is taken after at least 1 byte and 1 entry, not after "
                    + maxLogBytes + " bytes or " + maxLogEntries + " entries");
        }
        if (keptEntries < 0) {
            throw new IllegalArgumentException("keptEntries must not be negative: " + keptEntries);
        }
    }

    /** Whether it is time for a snapshot after so much was applied since the last. */
    boolean isDue(long bytes, long entries) {
        return bytes >= maxLogBytes || entries >= maxLogEntries;
    }

    /** The first index that stays in the log when there is a snapshot up to an index. */
    long firstIndexToKeep(long snapshotIndex) {
        return Math.max(1, snapshotIndex + 1 - keptEntries);
    }
}
