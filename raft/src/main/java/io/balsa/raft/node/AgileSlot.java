package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;

/**
 * The place of a duty that is on the loop as long as it is quick, and else on a thread of its own: there, what it waits for
 * holds up nobody, and a hand-over to it costs little beside its own time.
 */
final class AgileSlot extends LoopSlot {
    /** From this time of a usual turn on, it is better off on a thread. */
    private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(600);

    /** The same for a log whose usual turn is for so many entries: then others have work meanwhile. */
    private static final long SLOW_WHEN_BUSY_NANOS = SLOW_NANOS / 4;

    private static final int BUSY_ENTRIES = 32;

    /** Below this part of the time it may come back. Well apart, or it would go to and fro. */
    private static final int QUICK_PART = 2;

    /** A single turn that takes so long is a reason to go at once: the next might take an election timeout. */
    private static final long HANGING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long MIN_STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What is usual moves by one part in so many at each turn. */
    private static final int STEPS = 16;

    private enum Place {
        LOOP,
        THREAD
    }

    private final String name;
    private final Wakeup wakeup = new Wakeup();
    private volatile Place place = Place.LOOP;
    /** The last one that it had to itself, perhaps ended. */
    private volatile Thread thread;
    // Of whoever runs the duty.
    private long usualNanos = SLOW_NANOS / 8;
    private long usualWork;
    private long movedNanos;

    AgileSlot(String name, DutyKind kind, LoopDutyRunner runner) {
        super(kind, runner);
        this.name = name;
    }

    @Override
    void wakeRunner() {
        if (place == Place.LOOP) {
            super.wakeRunner();
        } else {
            wakeup.signal();
        }
    }

    @Override
    boolean isDue() {
        return place == Place.LOOP && hasReasonForTurn();
    }

    @Override
    boolean isOnLoop() {
        return place == Place.LOOP;
    }

    @Override
    long idleNanos(long now) {
        return place == Place.LOOP ? super.idleNanos(now) : Long.MAX_VALUE;
    }

    @Override
    public boolean isCurrent() {
        return thread == Thread.currentThread() || (place == Place.LOOP && super.isCurrent());
    }

    @Override
    int turn() {
        if (duty().mayTakeLong()) {
            moveToThread();
            return 1;
        }
        long began = runner().nanoTime();
        int work = super.turn();
        boolean isSlow = measure(began, work) > HANGING_NANOS || usualNanos > slowNanos();
        if (isSlow && !isEnding()) {
            moveToThread();
        }
        return work;
    }

    /** Only turns in which something was done say how long it takes. */
    private long measure(long beganNanos, int work) {
        long took = runner().nanoTime() - beganNanos;
        if (work > 0) {
            usualNanos = moved(usualNanos, took);
            usualWork = moved(usualWork, work);
        }
        return took;
    }

    /**
     * What is usual, moved towards what was just seen: by a step of its own size, however far off that is. So it becomes the median, to
     * which a turn in which another thread had the processor means no more than any other. An average would send a
     * duty away for it.
     */
    private static long moved(long usual, long seen) {
        long step = usual / STEPS + 1;
        return seen > usual ? Math.min(seen, usual + step) : Math.max(seen, usual - step);
    }

    private long slowNanos() {
        return kind() == DutyKind.LOG && usualWork >= BUSY_ENTRIES ? SLOW_WHEN_BUSY_NANOS : SLOW_NANOS;
    }

    private void moveToThread() {
        movedNanos = runner().nanoTime();
        Thread mover = new Thread(this::runOnThread, name);
        thread = mover;
        place = Place.THREAD;
        try {
            mover.start();
        } catch (Throwable noThread) {
            place = Place.LOOP;
            fail(noThread);
        }
    }

    /** Has the duty to itself until it is quick again, or ends; then the thread ends too. */
    private void runOnThread() {
        while (!isEnding()) {
            if (hasReasonForTurn()) {
                long began = runner().nanoTime();
                measure(began, super.turn());
            } else if (isQuickAgain()) {
                place = Place.LOOP;
                // Also for its timer, and for what was signalled while it was on the way.
                super.wakeRunner();
                return;
            } else {
                wakeup.await(Math.min(super.idleNanos(runner().nanoTime()), MIN_STAY_NANOS));
            }
        }
    }

    private boolean isQuickAgain() {
        return usualNanos < slowNanos() / QUICK_PART && runner().nanoTime() - movedNanos > MIN_STAY_NANOS;
    }

    @Override
    public boolean join(long millis) throws InterruptedException {
        if (!super.join(millis)) {
            return false;
        }
        Thread last = thread;
        if (last != null && last != Thread.currentThread()) {
            TimeUnit.MILLISECONDS.timedJoin(last, millis);
            return !last.isAlive();
        }
        return true;
    }
}
