package io.balsa.raft.core;

/** What a leader knows of one follower's log (figure 2 of the paper, "volatile state on leaders"). */
final class Progress {
    /** How entries are sent to a follower. */
    enum Mode {
        /** Looking for the place where the logs agree: one message with entries at a time. */
        PROBE,
        /** The logs agree: entries are sent before the earlier ones are acknowledged. */
        REPLICATE
    }

    private final Inflights inflights;
    private Mode mode = Mode.PROBE;
    private boolean probeSent;
    private long matchIndex;
    private long nextIndex;
    private long echoedRound;
    private long lastHeardMillis;

    Progress(long nextIndex, Inflights inflights, long nowMillis) {
        this.nextIndex = nextIndex;
        this.inflights = inflights;
        lastHeardMillis = nowMillis;
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

    /** Whether a message with entries may be sent now. */
    boolean maySendEntries() {
        return mode == Mode.PROBE ? !probeSent : !inflights.isFull();
    }

    /** Notes that entries up to this index were sent, in one message. */
    void sent(long lastIndex, long bytes) {
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
        mode = Mode.REPLICATE;
    }

    /** Whether a refusal is about what the leader believes now, rather than a late one about what it once sent. */
    boolean isCurrentRejection(long prevLogIndex) {
        return mode == Mode.REPLICATE ? prevLogIndex > matchIndex : prevLogIndex == nextIndex - 1;
    }

    /** Starts over from an index, after a refusal or a lost connection. */
    void probeFrom(long index) {
        mode = Mode.PROBE;
        nextIndex = Math.max(matchIndex + 1, index);
        probeSent = false;
        inflights.clear();
    }
}
