package io.balsa.lock;

import io.balsa.statemachine.session.BarrierInfo;
import io.balsa.statemachine.session.Barriers;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Lets as many clients of a Balsa cluster as there are parties wait for each other, again and again, as
 * {@link java.util.concurrent.CyclicBarrier} does with threads.
 *
 * <p>Unlike that, it never breaks: a party that gives up, or whose session ends, does not count any more, and the others go on
 * waiting for another in its place, until their own time is over.
 *
 * <p>Thread-safe.
 */
public final class DistributedBarrier {
    private final Barriers barriers;
    private final String name;
    private final int parties;

    private DistributedBarrier(Barriers barriers, String name, int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("a barrier has 1 party or more, not " + parties);
        }
        this.barriers = barriers;
        this.name = Objects.requireNonNull(name, "name");
        this.parties = parties;
    }

    /**
     * The barrier of a name; all objects of the name are the same barrier.
     *
     * @param name 1 to 512 bytes
     * @param parties how many must wait for all to pass, 1 to 10,000; all who wait at the same time must say the same
     */
    public static DistributedBarrier on(Session session, String name, int parties) {
        return new DistributedBarrier(session.barriers(), name, parties);
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** How many must wait for all to pass. */
    public int parties() {
        return parties;
    }

    /** How many wait. */
    public int waiting() {
        return barriers.show(name).waiting();
    }

    /** Like {@link #waiting}. */
    public CompletableFuture<Integer> waitingAsync() {
        return barriers.showAsync(name).thenApply(BarrierInfo::waiting);
    }

    /**
     * Waits until all are there. Each call is one party, also of the same session.
     *
     * @param timeout how long to wait for the others
     * @return a number that all who pass together are told, larger than that of all who passed before; empty when the others
     *     did not come in time, and this one does not count any more
     * @throws io.balsa.statemachine.session.InvalidRequestException if those who wait do so for another number of parties
     * @throws io.balsa.raft.client.OutcomeUnknownException if nobody can tell whether it passed: the cluster was out of reach,
     *     or the calling thread was interrupted, which it remains. If it waits yet, it leaves as soon as the cluster can be
     *     reached
     */
    public OptionalLong await(Duration timeout) {
        return barriers.arrive(name, parties, timeout);
    }

    /** Like {@link #await}. Cancelling the future, or completing it in any other way, gives up waiting. */
    public CompletableFuture<OptionalLong> awaitAsync(Duration timeout) {
        return barriers.arriveAsync(name, parties, timeout);
    }

    @Override
    public String toString() {
        return "barrier '" + name + "' of " + parties;
    }
}
