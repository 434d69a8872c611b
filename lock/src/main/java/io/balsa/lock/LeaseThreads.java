package io.balsa.lock;

import io.balsa.raft.client.ThreadTimer;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The threads of all leases of one lock object: a timer that runs no foreign code, so that no lease's loss is told late
 * because of another's listener, a few that call listeners, and some on which the code of applications follows what they asked
 * for. They exist only while there is something to do.
 */
final class LeaseThreads implements LeaseTimer {
    private static final int LISTENER_THREADS = 4;
    private static final int CALLER_THREADS = 8;

    /** As many as there are when those of applications wait for locks in them. */
    private static final int MOST_CALLER_THREADS = 1_024;

    private static final long IDLE_SECONDS = 2;

    private final ThreadTimer timer;
    private final ThreadPoolExecutor listeners;
    private final Executor callers;

    /**
     * Threads that begin when they are needed.
     *
     * @param name of the lock object, to tell its threads
     * @param gathering makes of an executor one that hands on to it what comes at once
     */
    LeaseThreads(String name, UnaryOperator<Executor> gathering) {
        timer = new ThreadTimer("balsa-lock-timer-" + name);
        listeners = new ThreadPoolExecutor(
                LISTENER_THREADS,
                LISTENER_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named("balsa-lock-lost-" + name));
        listeners.allowCoreThreadTimeOut(true);
        // Of this kind, since it makes room for others when one of its threads waits for a future.
        callers = gathering.apply(new ForkJoinPool(
                CALLER_THREADS,
                pool -> worker(pool, "balsa-lock-caller-" + name),
                null,
                true,
                0,
                MOST_CALLER_THREADS,
                1,
                pool -> true,
                IDLE_SECONDS,
                TimeUnit.SECONDS));
    }

    private static ForkJoinWorkerThread worker(ForkJoinPool pool, String name) {
        ForkJoinWorkerThread worker = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        worker.setName(name);
        return worker;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        return timer.schedule(delayNanos, task);
    }

    @Override
    public Executor listeners() {
        return listeners;
    }

    @Override
    public Executor callers() {
        return callers;
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
