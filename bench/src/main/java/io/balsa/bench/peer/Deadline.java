package io.balsa.bench.peer;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** How long the start or the end of a server may take. */
public final class Deadline {

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final long endNanos;

    private Deadline(long endNanos) {
        this.endNanos = endNanos;
    }

    /** Begins now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    long remainingNanos() {
        return Math.max(0, endNanos - System.nanoTime());
    }

    boolean isOver() {
        return remainingNanos() == 0;
    }

    /** Lets the peer go on for a moment. */
    void pause() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LockSupport.parkNanos(this, Math.min(POLL_NANOS, remainingNanos()));
    }

    /** Waits for what a peer tells nobody about, but can be asked for. */
    public void await(String what, BooleanSupplier condition) throws InterruptedException, TimeoutException {
        while (!condition.getAsBoolean()) {
            if (isOver()) {
                throw new TimeoutException("waited in vain for " + what);
            }
            pause();
        }
    }
}
