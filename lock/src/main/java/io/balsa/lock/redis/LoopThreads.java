package io.balsa.lock.redis;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Real threads, which exist only while there is something to do. */
final class LoopThreads implements Loop {
    private static final int CALLBACK_THREADS = 8;
    private static final long IDLE_SECONDS = 2;

    private final ScheduledThreadPoolExecutor loop;
    private final ThreadPoolExecutor callbacks;

    LoopThreads() {
        loop = new ScheduledThreadPoolExecutor(1, named("balsa-lock-redis"), new ThreadPoolExecutor.DiscardPolicy());
        loop.setRemoveOnCancelPolicy(true);
        loop.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        loop.allowCoreThreadTimeOut(true);
        callbacks = new ThreadPoolExecutor(
                CALLBACK_THREADS,
                CALLBACK_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named("balsa-lock-redis-callbacks"),
                (task, ended) -> task.run());
        callbacks.allowCoreThreadTimeOut(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        var scheduled = loop.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public Executor callbacks() {
        return callbacks;
    }

    @Override
    public void close() {
        loop.shutdownNow();
        callbacks.shutdown();
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
