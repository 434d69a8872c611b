package io.balsa.statemachine.session;

import io.balsa.raft.client.ThreadTimer;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.TaskLoop;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one session: a timer that runs no code of applications, one that completes the futures of callers, one that
 * calls listeners, and one for each watch. So neither a slow listener nor a slow continuation holds up the end of the
 * session. All but the timer exist only while there is something to do.
 */
final class SessionThreads implements SessionRuntime {
    private static final long IDLE_SECONDS = 5;
    private static final long END_SECONDS = 2;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Clock clock;
    private final Optional<TaskLoop> network;
    private volatile String prefix;
    private ThreadTimer timer;
    private ThreadPoolExecutor callbackThread;
    private Executor callbacks;
    private ThreadPoolExecutor events;

    /**
     * Threads that begin with the session.
     *
     * @param clock the monotonic time of this client
     * @param network the thread on which the session hears from the cluster, if it is nobody else's
     */
    SessionThreads(Clock clock, Optional<TaskLoop> network) {
        this.clock = clock;
        this.network = network;
    }

    @Override
    public void begin(long session) {
        prefix = "balsa-session-" + session + "-";
        timer = new ThreadTimer(prefix + "timer");
        // After the end a caller's future is still completed, by whoever knows its result.
        RejectedExecutionHandler callerRuns = (task, ended) -> task.run();
        callbackThread = single(prefix + "callbacks", callerRuns);
        callbacks = gathering(callbackThread);
        events = single(prefix + "events", callerRuns);
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public byte[] nonce(int bytes) {
        byte[] nonce = new byte[bytes];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
        // Not after the end of the session, which ends whatever would have waited for the task.
        return timer.schedule(delayNanos, task);
    }

    @Override
    public Executor callbacks() {
        return callbacks;
    }

    @Override
    public Executor direct() {
        return network.isPresent() ? Runnable::run : callbacks;
    }

    @Override
    public Executor gathering(Executor target) {
        return network.<Executor>map(loop -> new GatheringExecutor(loop, target))
                .orElse(target);
    }

    @Override
    public Executor events() {
        return events;
    }

    @Override
    public Lane watchLane(String name) {
        // What comes after the close is not wanted any more.
        return new WatchThread(single(prefix + "watch-" + name, new ThreadPoolExecutor.DiscardPolicy()));
    }

    @Override
    public void end() {
        timer.close();
        callbackThread.shutdown();
        events.shutdown();
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        if (!Thread.currentThread().getName().startsWith(prefix)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
            timer.awaitEnd(deadline - System.nanoTime());
            for (ThreadPoolExecutor executor : new ThreadPoolExecutor[] {callbackThread, events}) {
                if (!executor.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        }
    }

    private static ThreadPoolExecutor single(String name, RejectedExecutionHandler rejected) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name), rejected);
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

    private record WatchThread(ThreadPoolExecutor executor) implements Lane {
        @Override
        public void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        public void close() {
            executor.shutdown();
        }
    }
}
