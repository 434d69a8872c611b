package io.balsa.statemachine.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one session: a timer that never runs foreign code, one that completes the futures of callers, and one that
 * calls listeners. So neither a slow listener nor a slow continuation holds up the end of the session. The latter two exist
 * only while there is something to do.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionThreads {
    private static final long IDLE_SECONDS = 5;
    private static final long END_SECONDS = 2;

    private final String prefix;
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor callbacks;
    private final ThreadPoolExecutor events;

    SessionThreads(long session) {
        prefix = "balsa-session-" + session + "-";
        timer = new ScheduledThreadPoolExecutor(1, named(prefix + "timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        callbacks = single(prefix + "callbacks");
        events = single(prefix + "events");
    }

    /** Runs short tasks of the session itself. */
    ScheduledThreadPoolExecutor timer() {
        return timer;
    }

    /** Runs a short task of the session later, or never when the session is over; then there is none. */
    ScheduledFuture<?> schedule(long delayNanos, Runnable task) {
        try {
            return timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** Calls listeners. */
    Executor events() {
        return events;
    }

    /**
     * A future for a caller, whose continuations run on a thread of the session. Its queue is bounded by the operations that
     * are under way.
     */
    <T> CompletableFuture<T> deliver(CompletableFuture<T> internal) {
        CompletableFuture<T> external = new CompletableFuture<>();
        internal.whenComplete((value, failure) -> callbacks.execute(() -> {
            if (failure == null) {
                external.complete(value);
            } else {
                external.completeExceptionally(Failures.unwrap(failure));
            }
        }));
        return external;
    }

    /** Runs a continuation of a caller. */
    void callBack(Runnable continuation) {
        callbacks.execute(continuation);
    }

    /** Ends the timer at once, the others when they have done what is queued. */
    void end() {
        timer.shutdownNow();
        callbacks.shutdown();
        events.shutdown();
    }

    /** Waits a little for the threads to end, unless it is one of them that asks. */
    void awaitEnd() throws InterruptedException {
        if (!Thread.currentThread().getName().startsWith(prefix)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
            for (ThreadPoolExecutor executor : new ThreadPoolExecutor[] {timer, callbacks, events}) {
                if (!executor.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        }
    }

    private static ThreadPoolExecutor single(String name) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named(name),
                // After the end a caller's future is still completed, by whoever knows its result.
                (task, ended) -> task.run());
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
