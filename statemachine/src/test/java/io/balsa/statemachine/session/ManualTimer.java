package io.balsa.statemachine.session;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A clock and timer that stand still until a test moves them; due tasks run on the thread of the test. */
class ManualTimer implements SessionRuntime {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.dueNanos).thenComparingLong(task -> task.order));
    private long nowNanos = 1_000;
    private long order;

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /** Moves the clock, stopping at each due task. */
    void advance(long amount, TimeUnit unit) {
        long endNanos = nowNanos + unit.toNanos(amount);
        while (!tasks.isEmpty() && tasks.peek().dueNanos <= endNanos) {
            Task task = tasks.poll();
            nowNanos = Math.max(nowNanos, task.dueNanos);
            task.command.run();
        }
        nowNanos = endNanos;
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable command) {
        Task task = new Task(command, nowNanos + delayNanos, order++);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    @Override
    public Executor callbacks() {
        return Runnable::run;
    }

    @Override
    public Executor events() {
        return Runnable::run;
    }

    @Override
    public Lane watchLane(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] nonce(int bytes) {
        return new byte[bytes];
    }

    @Override
    public void begin(long session) {
        // There are no threads to be named after it.
    }

    @Override
    public void end() {
        tasks.clear();
    }

    @Override
    public void awaitEnd() {
        // Everything runs on the thread of the test.
    }

    private record Task(Runnable command, long dueNanos, long order) {}
}
