package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;

/**
 * How long the turns of one duty take, and whether that is a reason to be elsewhere than with the duties that must not wait.
 * Belongs to whoever runs the duty.
 */
final class UsualTurn {
    /** A single turn that takes so long is a reason to go at once: the next might take an election timeout. */
    private static final long HANGING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** So long it is away at least, and after the last turn that hung. */
    private static final long MIN_STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Below this part of the time that is slow it may come back. Well apart, or it would go to and fro. */
    private static final int QUICK_PART = 2;

    /** Work of so many things in a usual turn means that others have work meanwhile too. */
    private static final int BUSY_WORK = 32;

    /** What is usual moves by one part in so many at each turn. */
    private static final int STEPS = 16;

    private final long slowNanos;
    private final long slowWhenBusyNanos;
    private long usualNanos;
    private long usualWork;
    private boolean hung;
    private long awaySinceNanos;

    private UsualTurn(long slowNanos, long slowWhenBusyNanos, long usualNanos) {
        this.slowNanos = slowNanos;
        this.slowWhenBusyNanos = slowWhenBusyNanos;
        this.usualNanos = usualNanos;
    }

    /**
     * Of a duty that is taken for quick.
     *
     * @param slowNanos from this time of a usual turn on, it is better elsewhere
     * @param slowWhenBusyNanos the same if a usual turn does much
     */
    static UsualTurn takenForQuick(long slowNanos, long slowWhenBusyNanos) {
        return new UsualTurn(slowNanos, slowWhenBusyNanos, slowNanos / 8);
    }

    /** Of a duty that is taken for slow, and away from now on. */
    static UsualTurn takenForSlow(long slowNanos, long now) {
        UsualTurn usual = new UsualTurn(slowNanos, slowNanos, slowNanos);
        usual.left(now);
        return usual;
    }

    /** A turn began and ended; only those in which something was done say how long it takes. */
    void took(long beganNanos, long endedNanos, int work) {
        long took = endedNanos - beganNanos;
        hung = took > HANGING_NANOS;
        if (hung) {
            awaySinceNanos = endedNanos;
        }
        if (work > 0) {
            // Not below a time from which it is soon noticed that the duty has become slow.
            usualNanos = Math.max(slowWhenBusyNanos / STEPS, moved(usualNanos, took));
            usualWork = moved(usualWork, work);
        }
    }

    /**
     * What is usual, moved towards what was just seen: by a step of its own size, however far off that is. So it becomes the
     * median, to which a turn in which another thread had the processor means no more than any other. An average would send
     * a duty away for it.
     */
    private static long moved(long usual, long seen) {
        long step = usual / STEPS + 1;
        return seen > usual ? Math.min(seen, usual + step) : Math.max(seen, usual - step);
    }

    /** The duty goes elsewhere. */
    void left(long now) {
        awaySinceNanos = now;
    }

    /** Whether a duty that is with the others had better go. */
    boolean shouldLeave() {
        return hung || usualNanos > limitNanos();
    }

    /** Whether a duty that is elsewhere has been quick for long enough to come back. */
    boolean mayReturn(long now) {
        return usualNanos < limitNanos() / QUICK_PART && now - awaySinceNanos > MIN_STAY_NANOS;
    }

    /** How long it takes at least until {@link #mayReturn} may have become true without another turn. */
    static long lookNanos() {
        return MIN_STAY_NANOS;
    }

    private long limitNanos() {
        return usualWork >= BUSY_WORK ? slowWhenBusyNanos : slowNanos;
    }
}
