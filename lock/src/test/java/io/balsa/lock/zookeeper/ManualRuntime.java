package io.balsa.lock.zookeeper;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;

/** Time that stands still until a test moves it; everything runs on the thread of the test. */
final class ManualRuntime implements BackendRuntime {
    private record Task(long dueNanos, long order, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparingLong(Task::order));
    private long nowNanos = 1_000;
    private long order;

    /** Moves the clock, stopping at each due task. */
    void advanceMillis(long millis) {
        long endNanos = nowNanos + millis * 1_000_000;
        while (!tasks.isEmpty() && tasks.peek().dueNanos() <= endNanos) {
            Task task = tasks.poll();
            nowNanos = Math.max(nowNanos, task.dueNanos());
            task.action().run();
        }
        nowNanos = endNanos;
    }

    /** Moves the clock while nothing runs, as when the process is paused. */
    void pauseMillis(long millis) {
        nowNanos += millis * 1_000_000;
    }

    /** How many tasks wait. */
    int pending() {
        return tasks.size();
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable action) {
        Task task = new Task(nowNanos + Math.max(0, delayNanos), order++, action);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    @Override
    public Executor callers() {
        return Runnable::run;
    }
}
