package io.balsa.raft.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The place of one duty on the loop of a {@link LoopDutyRunner}. */
class LoopSlot implements DutySlot {
    private final DutyKind kind;
    private final LoopDutyRunner runner;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile DutyCycle duty;
    private volatile Consumer<Throwable> onFailure;
    private volatile boolean signalled = true;
    private volatile boolean stopping;
    // Of whoever runs the duty.
    private boolean begun;
    private boolean inTurn;
    private boolean hasTimer;
    private long dueNanos;

    LoopSlot(DutyKind kind, LoopDutyRunner runner) {
        this.kind = kind;
        this.runner = runner;
    }

    @Override
    public final void start(DutyCycle newDuty, Consumer<Throwable> newOnFailure) {
        onFailure = newOnFailure;
        duty = newDuty;
        runner.add(this);
        runner.wake();
    }

    @Override
    public void signal() {
        // Whoever set it wakes the loop, and whoever takes it back looks for gifts after that.
        if (!signalled) {
            signalled = true;
            wakeRunner();
        }
    }

    /** Has whoever runs the duty look at it soon. */
    void wakeRunner() {
        runner.wake();
    }

    @Override
    public void stop() {
        stopping = true;
        wakeRunner();
    }

    @Override
    public boolean join(long millis) throws InterruptedException {
        return duty == null || isCurrent() || ended.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isCurrent() {
        return runner.isCurrent() && inTurn;
    }

    final DutyKind kind() {
        return kind;
    }

    final DutyCycle duty() {
        return duty;
    }

    final boolean hasReasonForTurn() {
        return signalled || stopping || (hasTimer && dueNanos - System.nanoTime() <= 0);
    }

    final boolean isStopping() {
        return stopping;
    }

    final boolean isEnding() {
        return ending.get();
    }

    /** Whether there is a reason for a turn on the loop. */
    boolean isDue() {
        return hasReasonForTurn();
    }

    /** How long there is none. */
    long idleNanos(long now) {
        return hasTimer ? Math.max(0, dueNanos - now) : Long.MAX_VALUE;
    }

    /**
     * Runs a round, or ends if it shall.
     *
     * @return how much was done
     */
    int turn() {
        inTurn = true;
        try {
            if (!stopping) {
                return round();
            }
            end();
        } catch (Throwable failure) {
            onFailure.accept(failure);
            end();
        } finally {
            inTurn = false;
        }
        return 0;
    }

    private int round() {
        signalled = false;
        if (!begun) {
            begun = true;
            duty.onStart();
        }
        int work = duty.doWork();
        if (work > 0) {
            signalled = true;
            return work;
        }
        long idle = duty.idleNanos();
        hasTimer = idle != Long.MAX_VALUE;
        if (hasTimer) {
            dueNanos = System.nanoTime() + idle;
        }
        return 0;
    }

    /** The loop has ended before its duties, so whoever waits for this one ends it. */
    final void endIfStopping() {
        if (stopping) {
            end();
        }
    }

    private void end() {
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        runner.remove(this);
        try {
            duty.onClose();
        } catch (Throwable failure) {
            onFailure.accept(failure);
        }
        ended.countDown();
    }
}
