package io.balsa.bench;

import io.balsa.bench.replication.ReplicationGroup;
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

    private final int outstanding;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile Thread sleeper;

    /**
     * Begins with nothing under way.
     *
     * @param outstanding how many operations are under way at most
     */
    public Window(int outstanding) {
        this.outstanding = outstanding;
    }

    /** Something that is started, and is over later. */
    @FunctionalInterface
    public interface Operation {
        /** Starts it, and does not wait; the completion is run once, when it is over. */
        void start(ReplicationGroup.Completion completion);
    }

    /**
     * Sends a command when there is room.
     *
     * @param beganNanos when the latency begins to count, or 0 for when there is room
     * @throws IllegalStateException if an earlier one has failed
     */
    void submit(ReplicationGroup group, byte[] command, long beganNanos, Latencies latencies) {
        group.submit(command, begin(beganNanos, latencies));
    }

    /**
     * Starts an operation when there is room; its latency counts from then.
     *
     * @throws IllegalStateException if an earlier one has failed
     */
    public void submit(Operation operation, Latencies latencies) {
        operation.start(begin(0, latencies));
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
            Thread waiting = sleeper;
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
        };
    }

    /** Waits until nothing is under way. */
    public void drain(long maxNanos) throws TimeoutException {
        if (!awaitAtMost(0, maxNanos)) {
            throw new TimeoutException(underWay.get() + " operations are still under way");
        }
    }

    private boolean awaitAtMost(int count, long maxNanos) {
        if (underWay.get() <= count) {
            checkNoFailure();
            return true;
        }
        long began = System.nanoTime();
        sleeper = Thread.currentThread();
        while (underWay.get() > count && System.nanoTime() - began < maxNanos) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        sleeper = null;
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
