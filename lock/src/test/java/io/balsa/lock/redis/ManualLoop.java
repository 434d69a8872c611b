package io.balsa.lock.redis;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Time that a test moves; everything runs on the test's thread, when it says so. */
final class ManualLoop implements Loop {
    private record Timed(long nanos, long number, Runnable task) {}

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timed> timed =
            new PriorityQueue<>(Comparator.comparingLong(Timed::nanos).thenComparingLong(Timed::number));
    private long nowNanos = 1_000;
    private long number;

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        Timed entry = new Timed(nowNanos + Math.max(0, delayNanos), number++, task);
        timed.add(entry);
        return () -> timed.remove(entry);
    }

    @Override
    public Executor callbacks() {
        return Runnable::run;
    }

    /** Runs what is due now. */
    void run() {
        while (true) {
            Runnable task = tasks.poll();
            if (task == null && !timed.isEmpty() && timed.peek().nanos() <= nowNanos) {
                task = timed.poll().task();
            }
            if (task == null) {
                return;
            }
            task.run();
        }
    }

    /** Lets time pass, and runs each thing at its time. */
    void advanceMillis(long millis) {
        long until = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        run();
        while (!timed.isEmpty() && timed.peek().nanos() <= until) {
            nowNanos = timed.peek().nanos();
            run();
        }
        nowNanos = until;
        run();
    }

    @Override
    public void close() {
        tasks.clear();
        timed.clear();
    }
}
