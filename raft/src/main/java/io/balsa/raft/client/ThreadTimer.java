package io.balsa.raft.client;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A {@link Timer} with a thread of its own, which a forgotten client does not keep the process alive with. */
final class ThreadTimer implements Timer {
    private final ScheduledThreadPoolExecutor executor;

    ThreadTimer(String threadName) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        // A call that ends in time takes its timeout back; it must not stay in the queue until then.
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        try {
            Future<?> scheduled = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            // Whoever closes the timer ends all calls first; this one is ended by them, not by a timeout.
            return () -> {};
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
