package io.balsa.raft.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Time that only the test moves. */
final class FakeTimer implements Timer {
    private record Task(long atNanos, long order, Runnable task) {}

    private final List<Task> tasks = new ArrayList<>();
    private long nowNanos = 1;
    private long order;
    private boolean closed;

    /** Lets time go on, doing what becomes due on the way. */
    void advance(long millis) {
        long end = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            Task next = tasks.stream()
                    .filter(task -> task.atNanos <= end)
                    .min(Comparator.comparingLong(Task::atNanos).thenComparingLong(Task::order))
                    .orElse(null);
            if (next == null) {
                break;
            }
            tasks.remove(next);
            nowNanos = Math.max(nowNanos, next.atNanos);
            next.task.run();
        }
        nowNanos = end;
    }

    int scheduled() {
        return tasks.size();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        Task scheduled = new Task(nowNanos + delayNanos, order++, task);
        tasks.add(scheduled);
        return () -> tasks.remove(scheduled);
    }

    @Override
    public void close() {
        closed = true;
        tasks.clear();
    }
}
