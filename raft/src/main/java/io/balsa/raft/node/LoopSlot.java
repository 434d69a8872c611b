package io.balsa.raft.node;

import java.lang.invoke.VarHandle;
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
        // Queues publish their gifts without a full fence, so this read could overtake one: the duty would take the
        // signal back, find nothing, and sleep over what it then gets.
        VarHandle.fullFence();
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
        if (duty == null || isCurrent()) {
            return true;
        }
        // On the loop, nothing of it ends before the caller returns.
        return ended.await(runner.isCurrent() && isOnLoop() ? 0 : millis, TimeUnit.MILLISECONDS);
    }

    boolean isOnLoop() {
        return true;
    }

    @Override
    public boolean isCurrent() {
        return runner.isCurrent() && inTurn;
    }

    final LoopDutyRunner runner() {
        return runner;
    }

    final DutyKind kind() {
        return kind;
    }

    final DutyCycle duty() {
        return duty;
    }

    final boolean hasReasonForTurn() {
        return signalled || stopping || (hasTimer && dueNanos - runner.nanoTime() <= 0);
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
            fail(failure);
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
            dueNanos = runner.nanoTime() + idle;
        }
        return 0;
    }

    /** Ends the duty because of something that is not its own doing. By whoever runs it. */
    final void fail(Throwable failure) {
        try {
            onFailure.accept(failure);
        } finally {
            end();
        }
    }

    /** The loop has ended before its duties, so whoever waits for this one ends it. */
    final void endIfStopping() {
        if (stopping && isOnLoop()) {
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
