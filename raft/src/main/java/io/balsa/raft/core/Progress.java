package io.balsa.raft.core;

/** What a leader knows of one follower's log (figure 2 of the paper, "volatile state on leaders"). */
final class Progress {
    /** How entries are sent to a follower. */
    enum Mode {
        /** Looking for the place where the logs agree: one message with entries at a time. */
        PROBE,
        /** The logs agree: entries are sent before the earlier ones are acknowledged. */
        REPLICATE,
        /** It lacks entries that are compacted away: a snapshot is under way, and no entries until it is installed. */
        SNAPSHOT
    }

    /** So many do not wait for more. */
    private static final long MAX_GATHERED_BYTES = 8 << 10;

    private final Inflights inflights;
    private final long maxGatheringMillis;
    private Mode mode = Mode.PROBE;
    private boolean probeSent;
    private long matchIndex;
    private long nextIndex;
    private long echoedRound;
    private long sentMillis;
    private long lastHeardMillis;
    private long snapshotIndex;
    /** A round of catching up ends when the log reaches to where the leader's ended as it began (thesis, section 4.2.1). */
    private long catchUpIndex;

    private long catchUpStartedMillis;
    private boolean lastRoundShort;

    Progress(long nextIndex, Inflights inflights, long maxGatheringMillis, long nowMillis) {
        this.nextIndex = nextIndex;
        this.inflights = inflights;
        this.maxGatheringMillis = maxGatheringMillis;
        lastHeardMillis = nowMillis;
        catchUpIndex = nextIndex - 1;
        catchUpStartedMillis = nowMillis;
    }

    Mode mode() {
        return mode;
    }

    long matchIndex() {
        return matchIndex;
    }

    long nextIndex() {
        return nextIndex;
    }

    long echoedRound() {
        return echoedRound;
    }

    long lastHeardMillis() {
        return lastHeardMillis;
    }

    /** The last entry in the snapshot that is under way to it, as far as this leader knows. */
    long snapshotIndex() {
        return snapshotIndex;
    }

    /**
     * Whether a message with entries may be sent now. Few entries wait for the answer to what is under way, though not for
     * long: then many go out together, which costs the leader and the follower no more than one.
     *
     * @param bytes of the entries that the follower lacks
     */
    boolean maySendEntries(long bytes, long nowMillis) {
        return switch (mode) {
            case PROBE -> !probeSent;
            case REPLICATE ->
                !inflights.isFull()
                        && (inflights.isEmpty()
                                || bytes >= MAX_GATHERED_BYTES
                                || nowMillis - sentMillis >= maxGatheringMillis);
            case SNAPSHOT -> false;
        };
    }

    /** How long entries that are being gathered still wait, at least 1; {@link Long#MAX_VALUE} if none are. */
    long millisUntilGathered(long lastLogIndex, long nowMillis) {
        return mode == Mode.REPLICATE && nextIndex <= lastLogIndex && !inflights.isFull()
                ? Math.max(1, sentMillis + maxGatheringMillis - nowMillis)
                : Long.MAX_VALUE;
    }

    /** What is gathered may be sent now. */
    void endGathering(long nowMillis) {
        sentMillis = nowMillis - maxGatheringMillis;
    }

    /** Whether a snapshot may be sent now; it also takes the place of messages in flight that were perhaps lost. */
    boolean maySendSnapshot() {
        return mode == Mode.REPLICATE || (mode == Mode.PROBE && !probeSent);
    }

    /** Notes that entries up to this index were sent, in one message. */
    void sent(long lastIndex, long bytes, long nowMillis) {
        sentMillis = nowMillis;
        if (mode == Mode.PROBE) {
            probeSent = true;
        } else {
            inflights.add(lastIndex, bytes);
            nextIndex = lastIndex + 1;
        }
    }

    /** Notes any answer of the follower in the leader's term. */
    void heard(long round, long nowMillis) {
        echoedRound = Math.max(echoedRound, round);
        lastHeardMillis = nowMillis;
    }

    /** Notes what the follower acknowledged. */
    void accepted(long index) {
        matchIndex = Math.max(matchIndex, index);
        inflights.acknowledged(matchIndex);
        nextIndex = Math.max(nextIndex, matchIndex + 1);
        if (mode != Mode.SNAPSHOT) {
            mode = Mode.REPLICATE;
        }
    }

    /** The follower needs a snapshot before it can use entries. */
    void sendSnapshot(long index) {
        mode = Mode.SNAPSHOT;
        snapshotIndex = index;
        inflights.clear();
    }

    /** Goes on behind an installed snapshot. */
    void snapshotInstalled() {
        mode = Mode.REPLICATE;
        nextIndex = matchIndex + 1;
    }

    /** The snapshot did not arrive; the next answer to a heartbeat begins anew, so that failures don't chase each other. */
    void snapshotFailed() {
        probeFrom(matchIndex + 1);
        probeSent = true;
    }

    /**
     * Ends a round of catching up when it is complete, and begins the next. A server whose last round took less than an
     * election timeout is so near that, as a voter, it won't hold up the others for longer than an election would.
     */
    void measureCatchUp(long lastIndex, long nowMillis, long electionTimeoutMillis) {
        if (matchIndex >= catchUpIndex) {
            lastRoundShort = nowMillis - catchUpStartedMillis < electionTimeoutMillis;
            catchUpIndex = lastIndex;
            catchUpStartedMillis = nowMillis;
        }
    }

    /** Whether its last round of catching up was short, and none since is long already. */
    boolean hasCaughtUp(long nowMillis, long electionTimeoutMillis) {
        return lastRoundShort && nowMillis - catchUpStartedMillis < electionTimeoutMillis;
    }

    /** Whether a refusal is about what the leader believes now, rather than a late one about what it once sent. */
    boolean isCurrentRejection(long prevLogIndex) {
        return switch (mode) {
            case PROBE -> prevLogIndex == nextIndex - 1;
            case REPLICATE -> prevLogIndex > matchIndex;
            case SNAPSHOT -> false;
        };
    }

    /** Starts over from an index, after a refusal or a lost connection. */
    void probeFrom(long index) {
        mode = Mode.PROBE;
        nextIndex = Math.max(matchIndex + 1, index);
        probeSent = false;
        inflights.clear();
    }
}
