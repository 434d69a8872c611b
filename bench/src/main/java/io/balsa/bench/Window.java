package io.balsa.bench;

import io.balsa.bench.replication.ReplicationGroup;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a number of operations under way from one thread: a closed loop. Whoever completes an operation makes room for the
 * next, and wakes that thread only if it sleeps.
 */
public final class Window {
    private static final long LOOK_NANOS = 100_000_000;
    /** How many operations {@link #warmUp(Operation, Latencies)} keeps under way. */
    public static final int WARM_UP_OUTSTANDING = 256;

    private static final int LONG_WARM_UPS = 3;
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Seconds; tests set it to 0. */
    private static final String WARM_UP_PROPERTY = "balsa.bench.warmUpSeconds";

    private final int outstanding;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicReference<Thread> sleeper = new AtomicReference<>();

    /**
     * Begins with nothing under way.
     *
     * @param outstanding how many operations are under way at most
     */
    public Window(int outstanding) {
        this.outstanding = outstanding;
    }

    /** How long {@link #warmUp} takes. */
    public static long warmUpSeconds() {
        return Long.getLong(WARM_UP_PROPERTY, 6);
    }

    /**
     * Keeps many operations under way for a while, so that the JVM compiles what is to be measured: one at a time would take minutes
     * until then.
     *
     * @param latencies of which the operations leave no trace
     */
    public static void warmUp(Operation operation, Latencies latencies) throws TimeoutException {
        warmUp(operation, WARM_UP_OUTSTANDING, latencies);
    }

    /**
     * Like {@link #warmUp(Operation, Latencies)}, for operations of which only so many can be under way.
     *
     * @param outstanding how many are under way at most
     */
    public static void warmUp(Operation operation, int outstanding, Latencies latencies) throws TimeoutException {
        Window window = new Window(outstanding);
        long began = System.nanoTime();
        long nanos = TimeUnit.SECONDS.toNanos(warmUpSeconds());
        while (System.nanoTime() - began < nanos) {
            window.submit(operation, latencies);
        }
        window.drain();
        latencies.discard();
    }

    /**
     * Like {@link #warmUp(Operation, int, Latencies)}, three times: where there is more to compile, or more than
     * one JVM that does.
     */
    public static void warmUpLong(Operation operation, int outstanding, Latencies latencies) throws TimeoutException {
        for (int i = 0; i < LONG_WARM_UPS; i++) {
            warmUp(operation, outstanding, latencies);
        }
    }

    /** How long {@link #warmUpLong} takes. */
    public static long longWarmUpSeconds() {
        return LONG_WARM_UPS * warmUpSeconds();
    }

    /** Something that is started, and is over later. */
    @FunctionalInterface
    public interface Operation {
        /** Starts it, and does not wait; the completion is run once, when it is over. */
        void start(ReplicationGroup.Completion completion);
    }

    /**
     * Starts an operation when there is room; its latency counts from then.
     *
     * @throws IllegalStateException if an earlier one has failed
     */
    public void submit(Operation operation, Latencies latencies) {
        submit(operation, 0, latencies);
    }

    /**
     * Starts an operation when there is room.
     *
     * @param beganNanos when its latency begins to count, or 0 for when there is room
     * @throws IllegalStateException if an earlier one has failed
     */
    void submit(Operation operation, long beganNanos, Latencies latencies) {
        operation.start(begin(beganNanos, latencies));
    }

    private ReplicationGroup.Completion begin(long beganNanos, Latencies latencies) {
        awaitAtMost(outstanding - 1, Long.MAX_VALUE);
        underWay.incrementAndGet();
        long began = beganNanos == 0 ? System.nanoTime() : beganNanos;
        return failed -> {
            if (failed == null) {
                latencies.record(System.nanoTime() - began);
            } else {
                failure.compareAndSet(null, failed);
            }
            underWay.decrementAndGet();
            if (sleeper.get() != null) {
                // One of many that are completed together wakes it: to wake is a system call, also when it is awake by
                // then.
                LockSupport.unpark(sleeper.getAndSet(null));
            }
        };
    }

    /** Waits until nothing is under way, a minute at most. */
    public void drain() throws TimeoutException {
        if (!awaitAtMost(0, DRAIN_NANOS)) {
            throw new TimeoutException(underWay.get() + " operations are still under way");
        }
    }

    private boolean awaitAtMost(int count, long maxNanos) {
        if (underWay.get() <= count) {
            checkNoFailure();
            return true;
        }
        long began = System.nanoTime();
        sleeper.set(Thread.currentThread());
        while (underWay.get() > count && System.nanoTime() - began < maxNanos) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            sleeper.set(Thread.currentThread());
        }
        sleeper.set(null);
        checkNoFailure();
        return underWay.get() <= count;
    }

    private void checkNoFailure() {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("an operation failed: " + failed, failed);
        }
    }
}
