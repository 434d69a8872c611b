package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;

/**
 * The place of a duty that is on the loop as long as it is quick, and else on a thread of its own: there, what it waits for
 * holds up nobody, and a hand-over to it costs little beside its own time.
 */
final class AgileSlot extends LoopSlot {
    /** From this time of a usual turn on, it is better off on a thread. */
    private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(600);

    /** The same for a log whose usual turn is for many entries: then the loop has more to do meanwhile. */
    private static final long SLOW_WHEN_BUSY_NANOS = SLOW_NANOS / 4;

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
    private final UsualTurn usual;

    AgileSlot(String name, DutyKind kind, LoopDutyRunner runner) {
        super(kind, runner);
        this.name = name;
        usual = UsualTurn.takenForQuick(SLOW_NANOS, kind == DutyKind.LOG ? SLOW_WHEN_BUSY_NANOS : SLOW_NANOS);
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
        usual.took(began, runner().nanoTime(), work);
        if (usual.shouldLeave() && !isEnding()) {
            moveToThread();
        }
        return work;
    }

    private void moveToThread() {
        usual.left(runner().nanoTime());
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
                int work = super.turn();
                usual.took(began, runner().nanoTime(), work);
            } else if (usual.mayReturn(runner().nanoTime())) {
                place = Place.LOOP;
                // Also for its timer, and for what was signalled while it was on the way.
                super.wakeRunner();
                return;
            } else {
                wakeup.await(Math.min(super.idleNanos(runner().nanoTime()), UsualTurn.lookNanos()));
            }
        }
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
