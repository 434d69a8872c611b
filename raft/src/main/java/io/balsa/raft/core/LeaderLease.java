package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long a leader may answer reads without asking anybody (thesis, section 6.4.1). Whoever echoed a round of heartbeats
 * helps no other candidate for an election timeout after it heard it; a majority echoed it, so until then, counted from
 * when the round was <em>sent</em>, there is no other leader.
 *
 * <p>This counts on clocks that keep pace: the lease is shorter than the election timeout by the drift that is configured,
 * and by the grain of the ticks on both sides. A server that asked another to campaign at once, which no election timeout
 * holds up, has no lease any more for the rest of its term: the request may still be under way.
 */
final class LeaderLease {
    /** Both ends count whole milliseconds, and each may have read its clock just before the next one began. */
    private static final long TICK_GRAIN_MILLIS = 2;

    private final long leaseMillis;
    private final Deque<Round> unconfirmed = new ArrayDeque<>();
    private long confirmedSentMillis = Long.MIN_VALUE;
    private boolean givenUp;

    LeaderLease(CoreOptions options) {
        leaseMillis =
                options.electionTimeoutMillis() * (100 - options.maxClockDriftPercent()) / 100 - TICK_GRAIN_MILLIS;
    }

    /** Notes that a round is about to be sent. */
    void roundBegins(long round, long nowMillis) {
        unconfirmed.addLast(new Round(round, nowMillis));
    }

    /** Notes that a majority has echoed a round. */
    void confirmed(long round) {
        while (!unconfirmed.isEmpty() && unconfirmed.peekFirst().number <= round) {
            confirmedSentMillis = unconfirmed.removeFirst().sentMillis;
        }
    }

    /** Ends it for the rest of this term. */
    void giveUp() {
        givenUp = true;
    }

    boolean isValid(long nowMillis) {
        return !givenUp && confirmedSentMillis != Long.MIN_VALUE && nowMillis - confirmedSentMillis < leaseMillis;
    }

    private record Round(long number, long sentMillis) {}
}
