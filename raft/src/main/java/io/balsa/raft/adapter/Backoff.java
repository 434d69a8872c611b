package io.balsa.raft.adapter;

import java.util.concurrent.ThreadLocalRandom;

/** The pauses between attempts: they double up to a bound, and are random so that many do not come at once. */
final class Backoff {
    private final long minMillis;
    private final long maxMillis;
    private long nextMillis;

    Backoff(long minMillis, long maxMillis) {
        this.minMillis = minMillis;
        this.maxMillis = maxMillis;
        this.nextMillis = minMillis;
    }

    /** How long to wait before the next attempt: between half the current pause and all of it. */
    long nextDelayMillis() {
        long pause = nextMillis;
        nextMillis = Math.min(maxMillis, nextMillis * 2);
        return pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    }

    /**
     * What was attempted worked for so long. Only after the longest pause does the next failure begin with the shortest
     * one again: a peer that welcomes and closes at once must not be called all the time.
     */
    void workedFor(long millis) {
        if (millis >= maxMillis) {
            reset();
        }
    }

    /** It worked: the next failure begins with the shortest pause again. */
    void reset() {
        nextMillis = minMillis;
    }
}
