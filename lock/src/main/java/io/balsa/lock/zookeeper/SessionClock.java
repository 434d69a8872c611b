package io.balsa.lock.zookeeper;

import io.balsa.statemachine.session.LockGrant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reckons by this process's monotonic clock until when a session lives for certain: its servers expire it when the leader has
 * heard nothing of it for its timeout.
 *
 * <p>When a request was answered that took a majority of the servers, the leader knew the session and was still the leader.
 * But it need not have heard of the session at that time: it learns from each follower, twice in a tick, which sessions were
 * active there, on the same connection and in the same order as that follower's requests. If the follower is cut off just then,
 * the last report counts. So an answer confirms what had been sent {@link #reportNanos a report} earlier, and a read, which a
 * follower that is cut off goes on answering for several ticks, confirms nothing. A new leader gives every session its whole
 * timeout anew.
 *
 * <p>Not thread-safe.
 */
final class SessionClock {
    /** The servers grant no timeout below two ticks, unless they are told to: a report is at most a fourth of it. */
    private static final int REPORT_DIVISOR = 4;

    /** ZooKeeper's client sends something at least so often. */
    private static final int HEARTBEAT_DIVISOR = 3;

    /** Requests that follow each other within this part are noted as one. */
    private static final int NOTE_DIVISOR = 64;

    /** When requests were sent that were answered, the oldest first. */
    private final Deque<Long> answered = new ArrayDeque<>();

    private long timeoutNanos;
    private long heardNanos;
    private boolean known;
    private boolean resting = true;

    private long reportNanos() {
        return timeoutNanos / REPORT_DIVISOR;
    }

    /** Requests are sent regularly from now on; before, only the client itself let the servers hear of the session. */
    void wake() {
        resting = true;
    }

    /**
     * A request was answered that took a majority of the servers.
     *
     * @param sentNanos just before it was sent
     * @param newTimeoutNanos of the session, as the servers grant it
     */
    void answered(long sentNanos, long newTimeoutNanos) {
        timeoutNanos = newTimeoutNanos;
        note(sentNanos);
        if (resting) {
            // The first one: what was sent before it is the client's heartbeat.
            resting = false;
            hear(sentNanos - reportNanos() - timeoutNanos / HEARTBEAT_DIVISOR);
        }
        long reportedNanos = sentNanos - reportNanos();
        while (answered.size() > 1 && second() - reportedNanos <= 0) {
            answered.removeFirst();
        }
        if (answered.getFirst() - reportedNanos <= 0) {
            hear(answered.getFirst());
        }
    }

    private void note(long sentNanos) {
        if (answered.isEmpty() || sentNanos - answered.getLast() >= timeoutNanos / NOTE_DIVISOR) {
            answered.addLast(sentNanos);
        }
    }

    private long second() {
        var all = answered.iterator();
        all.next();
        return all.next();
    }

    private void hear(long nanos) {
        if (!known || nanos - heardNanos > 0) {
            known = true;
            heardNanos = nanos;
        }
    }

    /** Whether anything was answered yet. */
    boolean isKnown() {
        return known;
    }

    /** From when the session must not be believed in: the clocks of servers and process may run apart by a little. */
    long validUntilNanos() {
        return heardNanos + timeoutNanos - timeoutNanos / LockGrant.DRIFT_DIVISOR;
    }
}
