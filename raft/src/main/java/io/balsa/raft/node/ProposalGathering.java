package io.balsa.raft.node;

/**
 * Says when the proposals that wait go to the core. Few of them wait until those before them are committed, and then a moment
 * longer for the clients who are being told of that. Those who ask again at once then share one round with the others, with
 * one sync and one message for all; else each part would wait for the round of the other, and never find together again.
 *
 * <p>How many will come is taken from how many came last, and how long they may take from how long a round does: to wait
 * longer than half a round gains nothing. Where they do not come in time, as with clients who are not answered before they
 * ask, waiting is given up for a while, and for a longer one each time. For one driver.
 */
final class ProposalGathering {
    /** So many do not wait for more. */
    static final long MAX_GATHERED_BYTES = 8 << 10;

    /** So many times as long as was waited in vain nothing waits; twice as long each further time, up to so many times. */
    private static final int REST = 32;

    private static final int MAX_FAILURES = 5;

    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    private final long maxNanos;
    /** How many were in the log and not committed yet at the last look, and when the last of them went there. */
    private long underWay;

    private long wentNanos;
    /** How long the last round took, how many its end let expect, and when that was. */
    private long roundNanos;

    private long expected;
    private long committedNanos = LONG_AGO;
    /** When the first of those that wait came; only if there are any. */
    private long waitingSinceNanos;

    private int failures;
    private long restsUntilNanos = LONG_AGO;

    /** @param maxNanos longer than this nothing waits, whatever for */
    ProposalGathering(long maxNanos) {
        this.maxNanos = maxNanos;
    }

    /** Takes up that proposals came where none were waiting. */
    void began(long nowNanos) {
        waitingSinceNanos = nowNanos;
    }

    /**
     * Takes up what has been committed.
     *
     * @param uncommitted how many entries of the log are not committed
     * @param waiting how many proposals wait
     */
    void observe(long uncommitted, int waiting, long nowNanos) {
        if (underWay > 0 && uncommitted == 0) {
            roundNanos = nowNanos - wentNanos;
            expected = underWay + waiting;
            committedNanos = nowNanos;
        }
        underWay = uncommitted;
    }

    /**
     * How long those that wait go on waiting, unless something happens; 0 if they go to the core now.
     *
     * @param waiting how many they are, at least one
     * @param bytes theirs
     */
    long nanosToWait(int waiting, long bytes, long nowNanos) {
        if (bytes >= MAX_GATHERED_BYTES) {
            return 0;
        }
        long untilPatienceEnds = waitingSinceNanos + maxNanos - nowNanos;
        if (underWay == 0) {
            if (waiting >= expected || nowNanos - restsUntilNanos < 0) {
                return 0;
            }
            untilPatienceEnds = Math.min(untilPatienceEnds, committedNanos + roundNanos / 2 - nowNanos);
        }
        return Math.max(0, untilPatienceEnds);
    }

    /** Takes up that all that waited went to the core. */
    void went(int count, long nowNanos) {
        if (underWay == 0 && nowNanos - restsUntilNanos >= 0) {
            learn(count >= expected, nowNanos);
        }
        wentNanos = nowNanos;
        underWay += count;
    }

    private void learn(boolean allCame, long nowNanos) {
        long waited = Math.min(maxNanos, nowNanos - Math.max(committedNanos, waitingSinceNanos));
        if (allCame && waited <= roundNanos / 2) {
            failures = Math.max(0, failures - 1);
        } else if (waited > 0) {
            restsUntilNanos = nowNanos + waited * (REST << failures);
            failures = Math.min(MAX_FAILURES, failures + 1);
        }
    }
}
