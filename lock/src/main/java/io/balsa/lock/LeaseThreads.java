package io.balsa.lock;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of all leases of one lock object: a timer that runs no foreign code, so that no lease's loss is told late
 * because of another's listener, and a few that call listeners. They exist only while there is something to do.
 */
final class LeaseThreads implements LeaseTimer {
    private static final int LISTENER_THREADS = 4;
    private static final long IDLE_SECONDS = 2;

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor listeners;

    /** @param name of the lock object, to tell its threads */
    LeaseThreads(String name) {
        timer = new ScheduledThreadPoolExecutor(1, named("balsa-lock-timer-" + name));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        listeners = new ThreadPoolExecutor(
                LISTENER_THREADS,
                LISTENER_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named("balsa-lock-lost-" + name));
        listeners.allowCoreThreadTimeOut(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        var scheduled = timer.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public Executor listeners() {
        return listeners;
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
