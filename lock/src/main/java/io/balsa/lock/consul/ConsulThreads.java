package io.balsa.lock.consul;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one Consul backend. Consul's client blocks for its requests, so a few threads make them, however many wait:
 * those that acquire or clean up cannot keep those waiting that renew and release. Futures complete on others still, where an
 * application's code may follow and block. They exist only while there is something to do.
 */
final class ConsulThreads {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulThreads.class);

    private static final long IDLE_SECONDS = 2;
    private static final int MAX_PENDING = 65_536;
    private static final int MAX_COMPLETING = 256;

    private final ThreadPoolExecutor acquiring;
    private final ThreadPoolExecutor keeping;
    private final ThreadPoolExecutor cleaning;
    private final ThreadPoolExecutor completing;
    private final ScheduledThreadPoolExecutor timer;

    /** @param requests how many acquire at once; half as many renew and release, and as many of those clean up */
    ConsulThreads(int requests) {
        acquiring = pool("acquire", requests);
        keeping = pool("keep", (requests + 1) / 2);
        cleaning = pool("clean", (requests + 1) / 2);
        // Beyond that many that block, the thread of the request itself goes on with the application's code.
        completing = new ThreadPoolExecutor(
                0,
                MAX_COMPLETING,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                named("complete"),
                (task, pool) -> task.run());
        timer = new ScheduledThreadPoolExecutor(1, named("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    private static ThreadPoolExecutor pool(String what, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_PENDING), named(what));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String what) {
        return task -> {
            Thread thread = new Thread(task, "balsa-lock-consul-" + what);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** For requests that acquire. */
    Executor acquiring() {
        return acquiring;
    }

    /** For requests that renew and release. */
    Executor keeping() {
        return keeping;
    }

    /** For requests that clean up, of which many may be without an answer at once. */
    Executor cleaning() {
        return cleaning;
    }

    /** For what completes futures. */
    Executor completing() {
        return completing;
    }

    /**
     * Runs something short later; not after {@link #close}.
     *
     * @throws RejectedExecutionException after it
     */
    ScheduledFuture<?> after(Duration delay, Runnable task) {
        return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Lets what acquires come to its end, and nothing new begin. */
    void stopAcquiring(Duration patience) throws InterruptedException {
        acquiring.shutdown();
        if (!acquiring.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            LOG.warn("requests to Consul are still without an answer at close; what they acquire runs out by itself");
        }
    }

    void close() {
        timer.shutdownNow();
        acquiring.shutdown();
        keeping.shutdown();
        cleaning.shutdown();
        completing.shutdown();
    }
}
