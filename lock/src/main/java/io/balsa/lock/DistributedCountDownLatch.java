package io.balsa.lock;

import io.balsa.statemachine.session.CounterUpdate;
import io.balsa.statemachine.session.CounterValue;
import io.balsa.statemachine.session.Counters;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Lets clients of a Balsa cluster wait until others have counted it down to 0, as {@link java.util.concurrent.CountDownLatch}
 * does with threads.
 *
 * <p>Its count outlives the sessions: a party that dies before it counted down keeps the others waiting until their time is
 * over or somebody counts down in its place ({@link #getCount} tells how many are missing). Each {@link #countDown} that
 * succeeds counts once, also when its answer is lost and it is sent again; one that fails says whether it may have counted.
 *
 * <p>A latch that is through takes no room in the cluster and may be set again, but who waits may miss that it was through for
 * a moment only: take another name, or set it again when all who waited are known to have gone on.
 *
 * <p>Thread-safe.
 */
public final class DistributedCountDownLatch {
    private final Counters latches;
    private final String name;

    private DistributedCountDownLatch(Counters latches, String name) {
        this.latches = latches;
        this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * The latch of a name; all objects of the name are the same latch.
     *
     * @param name 1 to 512 bytes; names of atomic longs are others
     */
    public static DistributedCountDownLatch on(Session session, String name) {
        return new DistributedCountDownLatch(session.latches(), name);
    }

    /** The name. */
    public String name() {
        return name;
    }

    /**
     * Sets the count, if the latch is new or through. Of many that try at the same time, one does it.
     *
     * @param count how many shall count down, 1 or more
     * @return false if it was counting already; then nothing has changed
     */
    public boolean trySetCount(long count) {
        return latches.compareAndSet(name, 0, checked(count)).applied();
    }

    /** Like {@link #trySetCount}. */
    public CompletableFuture<Boolean> trySetCountAsync(long count) {
        return latches.compareAndSetAsync(name, 0, checked(count)).thenApply(CounterUpdate::applied);
    }

    private static long checked(long count) {
        if (count < 1) {
            throw new IllegalArgumentException("a latch is set to 1 or more, not " + count);
        }
        return count;
    }

    /**
     * Counts down by one; a latch that is through stays so.
     *
     * @return how many are missing yet
     */
    public long countDown() {
        return latches.add(name, -1, 0).after();
    }

    /** Like {@link #countDown}. */
    public CompletableFuture<Long> countDownAsync() {
        return latches.addAsync(name, -1, 0).thenApply(CounterUpdate::after);
    }

    /** How many are missing yet; 0 for a latch that is new or through. */
    public long getCount() {
        return latches.get(name).value();
    }

    /** Like {@link #getCount}. */
    public CompletableFuture<Long> getCountAsync() {
        return latches.getAsync(name).thenApply(CounterValue::value);
    }

    /**
     * Waits until the latch is through. One that was never set is.
     *
     * @param timeout how long at most; zero: look once
     * @return whether it was through in time
     * @throws io.balsa.raft.client.NotAppliedException if the cluster could not be asked in the end, or the calling thread was
     *     interrupted, which it remains
     */
    public boolean await(Duration timeout) {
        return latches.awaitAtMost(name, 0, timeout);
    }

    /** Like {@link #await}. Cancelling the future gives up waiting. */
    public CompletableFuture<Boolean> awaitAsync(Duration timeout) {
        return latches.awaitAtMostAsync(name, 0, timeout);
    }

    @Override
    public String toString() {
        return "latch '" + name + "'";
    }
}
