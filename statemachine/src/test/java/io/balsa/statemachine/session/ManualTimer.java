package io.balsa.statemachine.session;

import io.balsa.raft.port.Clock;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A clock and timer that stand still until a test moves them; due tasks run on the thread of the test. */
final class ManualTimer extends ScheduledThreadPoolExecutor implements Clock {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.dueNanos).thenComparingLong(task -> task.order));
    private long nowNanos = 1_000;
    private long order;

    ManualTimer() {
        super(0);
    }

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
            if (!task.cancelled) {
                task.command.run();
            }
        }
        nowNanos = endNanos;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        Task task = new Task(command, nowNanos + unit.toNanos(delay), order++);
        tasks.add(task);
        return task;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    private static final class Task implements ScheduledFuture<Object> {
        private final Runnable command;
        private final long dueNanos;
        private final long order;
        private boolean cancelled;

        Task(Runnable command, long dueNanos, long order) {
            this.command = command;
            this.dueNanos = dueNanos;
            this.order = order;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            cancelled = true;
            return true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public boolean isDone() {
            return cancelled;
        }

        @Override
        public Object get() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
