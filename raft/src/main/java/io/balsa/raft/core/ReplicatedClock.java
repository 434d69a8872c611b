package io.balsa.raft.core;

/**
 * The time that a leader stamps on entries. It goes on from the last stamp in the leader's log, at the pace of its ticks, so
 * no wall clock can make it jump: a change of leader only makes it stand still while there is none.
 */
final class ReplicatedClock {
    private long stampAtStart;
    private long nowAtStart;

    /**
     * Begins to keep the time, as a new leader.
     *
     * @param lastStampMillis the stamp of the last entry of its log, 0 if there is none
     * @param nowMillis the ticks so far
     */
    void start(long lastStampMillis, long nowMillis) {
        stampAtStart = lastStampMillis;
        nowAtStart = nowMillis;
    }

    /** The stamp for an entry that is appended now; never smaller than the one before. */
    long stampMillis(long nowMillis) {
        return stampAtStart + (nowMillis - nowAtStart);
    }
}
