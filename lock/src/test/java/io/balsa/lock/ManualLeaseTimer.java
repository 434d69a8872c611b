package io.balsa.lock;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;

/** Time that stands still until a test moves it; due tasks and listeners run on the thread of the test. */
final class ManualLeaseTimer implements LeaseTimer {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.dueNanos).thenComparingLong(task -> task.order));
    private long nowNanos = 1_000;
    private long order;

    private static final class Task {
        private final Runnable action;
        private final long dueNanos;
        private final long order;
        private boolean cancelled;

        Task(Runnable action, long dueNanos, long order) {
            this.action = action;
            this.dueNanos = dueNanos;
            this.order = order;
        }
    }

    /** Moves the clock, stopping at each due task. */
    void advanceMillis(long millis) {
        long endNanos = nowNanos + millis * 1_000_000;
        while (!tasks.isEmpty() && tasks.peek().dueNanos <= endNanos) {
            Task task = tasks.poll();
            nowNanos = Math.max(nowNanos, task.dueNanos);
            if (!task.cancelled) {
                task.action.run();
            }
        }
        nowNanos = endNanos;
    }

    /** How many tasks wait. */
    long pending() {
        return tasks.stream().filter(task -> !task.cancelled).count();
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable action) {
        Task task = new Task(action, nowNanos + Math.max(0, delayNanos), order++);
        tasks.add(task);
        return () -> task.cancelled = true;
    }

    @Override
    public Executor listeners() {
        return Runnable::run;
    }

    @Override
    public Executor callers() {
        return Runnable::run;
    }
}
