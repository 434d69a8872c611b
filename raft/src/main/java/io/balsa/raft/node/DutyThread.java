package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs a {@link DutyCycle} on a thread of its own, until stopped or until anything at all goes wrong in it. */
final class DutyThread {
    private final DutyCycle duty;
    private final Wakeup wakeup;
    private final Consumer<Throwable> onFailure;
    private final Thread thread;
    private volatile boolean stopping;

    /**
     * @param wakeup on which the duty sleeps
     * @param onFailure told of whatever ended the thread before it was stopped, on that thread
     */
    DutyThread(String name, DutyCycle duty, Wakeup wakeup, Consumer<Throwable> onFailure) {
        this.duty = duty;
        this.wakeup = wakeup;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** Asks the thread to end after its current round. */
    void stop() {
        stopping = true;
        wakeup.signal();
    }

    /**
     * Waits for the thread to end.
     *
     * @return whether it has ended, or the caller is that thread
     */
    boolean join(long millis) throws InterruptedException {
        if (thread == Thread.currentThread() || thread.getState() == Thread.State.NEW) {
            return true;
        }
        TimeUnit.MILLISECONDS.timedJoin(thread, millis);
        return !thread.isAlive();
    }

    boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    private void run() {
        try {
            duty.onStart();
            while (!stopping) {
                if (duty.doWork() == 0) {
                    wakeup.await(duty.idleNanos());
                }
            }
        } catch (Throwable failure) {
            onFailure.accept(failure);
        }
        try {
            duty.onClose();
        } catch (Throwable failure) {
            onFailure.accept(failure);
        }
    }
}
