package io.balsa.lock;

import io.balsa.statemachine.session.CounterOverflowException;
import io.balsa.statemachine.session.CounterUpdate;
import io.balsa.statemachine.session.CounterValue;
import io.balsa.statemachine.session.Counters;
import io.balsa.statemachine.session.Session;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A whole number of 64 bits that all clients of a Balsa cluster share, as {@link java.util.concurrent.atomic.AtomicLong} is
 * shared by threads.
 *
 * <p>It is 0 until somebody sets it, and outlives the session. Reads and updates are linearizable, and every update has one
 * effect, also when its answer is lost and it is sent again. An update that fails says what is known of it: see
 * {@link io.balsa.raft.client.NotAppliedException} and {@link io.balsa.raft.client.OutcomeUnknownException}. A sum of more
 * than 64 bits is refused by {@link CounterOverflowException}, unlike that of an {@code AtomicLong}, which wraps around.
 *
 * <p>Blocking calls take at most the session's request timeout. Thread-safe.
 */
public final class DistributedAtomicLong {
    private final Counters counters;
    private final String name;

    private DistributedAtomicLong(Counters counters, String name) {
        this.counters = counters;
        this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * The number of a name; all objects of the name are the same number.
     *
     * @param name 1 to 512 bytes; names of latches are others
     */
    public static DistributedAtomicLong on(Session session, String name) {
        return new DistributedAtomicLong(session.counters(), name);
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** Reads it. */
    public long get() {
        return counters.get(name).value();
    }

    /** Like {@link #get}. */
    public CompletableFuture<Long> getAsync() {
        return counters.getAsync(name).thenApply(CounterValue::value);
    }

    /** Gives it a value. */
    public void set(long value) {
        counters.set(name, value);
    }

    /** Like {@link #set}. */
    public CompletableFuture<Void> setAsync(long value) {
        return counters.setAsync(name, value).thenAccept(update -> {});
    }

    /** Gives it a value, and tells the one before. */
    public long getAndSet(long value) {
        return counters.set(name, value).before();
    }

    /** Like {@link #getAndSet}. */
    public CompletableFuture<Long> getAndSetAsync(long value) {
        return counters.setAsync(name, value).thenApply(CounterUpdate::before);
    }

    /**
     * Gives it a value if it has the expected one.
     *
     * @return whether it had
     */
    public boolean compareAndSet(long expected, long newValue) {
        return counters.compareAndSet(name, expected, newValue).applied();
    }

    /** Like {@link #compareAndSet}. */
    public CompletableFuture<Boolean> compareAndSetAsync(long expected, long newValue) {
        return counters.compareAndSetAsync(name, expected, newValue).thenApply(CounterUpdate::applied);
    }

    /**
     * Adds to it, and tells the sum.
     *
     * @param delta what to add, also less than 0
     * @throws CounterOverflowException if the sum has more than 64 bits; it is as it was
     */
    public long addAndGet(long delta) {
        return counters.add(name, delta).after();
    }

    /** Like {@link #addAndGet}. */
    public CompletableFuture<Long> addAndGetAsync(long delta) {
        return counters.addAsync(name, delta).thenApply(CounterUpdate::after);
    }

    /**
     * Adds to it, and tells the value before.
     *
     * @param delta what to add, also less than 0
     * @throws CounterOverflowException if the sum has more than 64 bits; it is as it was
     */
    public long getAndAdd(long delta) {
        return counters.add(name, delta).before();
    }

    /** Like {@link #getAndAdd}. */
    public CompletableFuture<Long> getAndAddAsync(long delta) {
        return counters.addAsync(name, delta).thenApply(CounterUpdate::before);
    }

    /** Adds 1, and tells the sum. */
    public long incrementAndGet() {
        return addAndGet(1);
    }

    /** Like {@link #incrementAndGet}. */
    public CompletableFuture<Long> incrementAndGetAsync() {
        return addAndGetAsync(1);
    }

    /** Takes 1 away, and tells the rest. */
    public long decrementAndGet() {
        return addAndGet(-1);
    }

    /** Like {@link #decrementAndGet}. */
    public CompletableFuture<Long> decrementAndGetAsync() {
        return addAndGetAsync(-1);
    }

    /**
     * Adds to it unless the sum is below a floor.
     *
     * @param delta what to add, also less than 0
     * @param floor the smallest sum
     * @return the sum; empty if it is below the floor, and nothing was added
     * @throws CounterOverflowException if the sum is too large for 64 bits; it is as it was
     */
    public OptionalLong tryAdd(long delta, long floor) {
        return sumOf(counters.add(name, delta, floor));
    }

    /** Like {@link #tryAdd}. */
    public CompletableFuture<OptionalLong> tryAddAsync(long delta, long floor) {
        return counters.addAsync(name, delta, floor).thenApply(DistributedAtomicLong::sumOf);
    }

    private static OptionalLong sumOf(CounterUpdate update) {
        return update.applied() ? OptionalLong.of(update.after()) : OptionalLong.empty();
    }

    /**
     * Sets it back to 0, so that nothing is left of it in the cluster.
     *
     * @return whether it was anything else
     */
    public boolean delete() {
        return counters.delete(name);
    }

    /** Like {@link #delete}. */
    public CompletableFuture<Boolean> deleteAsync() {
        return counters.deleteAsync(name);
    }

    @Override
    public String toString() {
        return "atomic long '" + name + "'";
    }
}
