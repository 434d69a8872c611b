package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * How long a leader may answer reads without asking anybody (thesis, section 6.4.1). Whoever echoed a round of heartbeats
 * helps no other candidate for as long after it heard it as it promised; a majority echoed it, so until then, counted from
 * when the round was <em>sent</em>, there is no other leader. What was promised is an election timeout, which need not be
 * the same on all servers: the shortest of those that answered counts, and the leader's own, after which it steps down.
 *
 * <p>This counts on clocks that keep pace: the lease is shorter than the promise by the drift that is configured,
 * and by the grain of the ticks on both sides. A server that asked another to campaign at once, which no election timeout
 * holds up, has no lease any more for the rest of its term: the request may still be under way.
 */
final class LeaderLease {
    /** Both ends count whole milliseconds, and each may have read its clock just before the next one began. */
    private static final long TICK_GRAIN_MILLIS = 2;

    private final int maxClockDriftPercent;
    private final long ownTimeoutMillis;
    private final Map<NodeId, Long> promises = new HashMap<>();
    private final Deque<Round> unconfirmed = new ArrayDeque<>();
    private long confirmedSentMillis = Long.MIN_VALUE;
    private long leaseMillis;
    private boolean givenUp;

    LeaderLease(CoreOptions options) {
        maxClockDriftPercent = options.maxClockDriftPercent();
        ownTimeoutMillis = options.electionTimeoutMillis();
        update();
    }

    private void update() {
        long shortest = promises.values().stream().reduce(ownTimeoutMillis, Math::min);
        leaseMillis = shortest * (100 - maxClockDriftPercent) / 100 - TICK_GRAIN_MILLIS;
    }

    /** Notes for how long a follower helps no other candidate from when it hears of this leader. */
    void promised(NodeId follower, long loyaltyMillis) {
        Long before = promises.put(follower, loyaltyMillis);
        if (before == null || before != loyaltyMillis) {
            update();
        }
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

    /** How long it still lasts; 0 when it is over, or there is none. */
    long remainingMillis(long nowMillis) {
        return givenUp || confirmedSentMillis == Long.MIN_VALUE
                ? 0
                : Math.max(0, confirmedSentMillis + leaseMillis - nowMillis);
    }

    private record Round(long number, long sentMillis) {}
}
