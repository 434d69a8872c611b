package io.balsa.statemachine.session;

import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Whole numbers of 64 bits by name, as one session sees them. They outlive the session.
 *
 * <p>A counter that nobody has set is 0, and one that is 0 takes no room in the cluster. Every update has one effect, also
 * when its answer is lost and it is sent again. Names are 1 to 512 bytes long.
 */
public interface Counters {
    /** Reads a counter, linearizably. */
    CounterValue get(String name);

    /** Reads a counter. */
    CounterValue get(String name, ReadConsistency consistency);

    /** Like {@link #get(String)}. */
    CompletableFuture<CounterValue> getAsync(String name);

    /** Like {@link #get(String, ReadConsistency)}. */
    CompletableFuture<CounterValue> getAsync(String name, ReadConsistency consistency);

    /**
     * Adds to a counter.
     *
     * @param delta what to add, also less than 0
     * @throws CounterOverflowException if the sum has more than 64 bits; the counter is as it was
     */
    CounterUpdate add(String name, long delta);

    /** Like {@link #add(String, long)}. */
    CompletableFuture<CounterUpdate> addAsync(String name, long delta);

    /**
     * Adds to a counter unless it would be below a floor then.
     *
     * @param delta what to add, also less than 0
     * @param floor if the sum is less than this, the counter stays as it is
     * @return not applied if the sum is below the floor
     * @throws CounterOverflowException if the sum is too large for 64 bits; the counter is as it was
     */
    CounterUpdate add(String name, long delta, long floor);

    /** Like {@link #add(String, long, long)}. */
    CompletableFuture<CounterUpdate> addAsync(String name, long delta, long floor);

    /** Gives a counter a value. */
    CounterUpdate set(String name, long value);

    /** Like {@link #set}. */
    CompletableFuture<CounterUpdate> setAsync(String name, long value);

    /**
     * Gives a counter a value if it has the expected one.
     *
     * @return not applied if it has another
     */
    CounterUpdate compareAndSet(String name, long expected, long newValue);

    /** Like {@link #compareAndSet}. */
    CompletableFuture<CounterUpdate> compareAndSetAsync(String name, long expected, long newValue);

    /**
     * Removes a counter: it is 0 again, as after {@link #set} to 0.
     *
     * @return whether it was anything else
     */
    boolean delete(String name);

    /** Like {@link #delete}. */
    CompletableFuture<Boolean> deleteAsync(String name);

    /**
     * Waits until a counter is not above a value. One that is so for a moment only may be missed.
     *
     * @param wait how long at most; zero: look once
     * @return whether it was so in time
     * @throws io.balsa.raft.client.NotAppliedException if the cluster could not be asked in the end
     */
    boolean awaitAtMost(String name, long limit, Duration wait);

    /** Like {@link #awaitAtMost}. Cancelling the future gives up waiting. */
    CompletableFuture<Boolean> awaitAtMostAsync(String name, long limit, Duration wait);
}
