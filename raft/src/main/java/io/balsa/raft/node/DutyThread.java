package io.balsa.raft.node;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs a {@link DutyCycle} on a thread of its own, until stopped or until anything at all goes wrong in it. */
final class DutyThread implements DutySlot {
    private final String name;
    private final Wakeup wakeup = new Wakeup();
    private volatile Thread thread;
    private volatile boolean stopping;

    DutyThread(String name) {
        this.name = name;
    }

    @Override
    public void start(DutyCycle duty, Consumer<Throwable> onFailure) {
        Thread started = new Thread(() -> run(duty, onFailure), name);
        thread = started;
        started.start();
    }

    @Override
    public void signal() {
        wakeup.signal();
    }

    @Override
    public void stop() {
        stopping = true;
        wakeup.signal();
    }

    @Override
    public boolean join(long millis) throws InterruptedException {
        Thread started = thread;
        if (started == null || started == Thread.currentThread() || started.getState() == Thread.State.NEW) {
            return true;
        }
        TimeUnit.MILLISECONDS.timedJoin(started, millis);
        return !started.isAlive();
    }

    @Override
    public boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    private void run(DutyCycle duty, Consumer<Throwable> onFailure) {
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
