package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The barriers of the cluster, as one session sees them: who arrives waits until as many wait as there are parties, and then
 * all of them pass at once. The next to arrive begin a new generation.
 *
 * <p>Who gives up, or whose session ends, does not count any more, and the others go on waiting for somebody in its place.
 */
public interface Barriers {
    /**
     * Arrives at a barrier and waits for the others. Each call stands for itself: two of the same session are two parties.
     *
     * @param name 1 to 512 bytes
     * @param parties how many must wait for all to pass, 1 to 10,000; all who wait at the same time must say the same
     * @param wait how long to wait for the others
     * @return the generation, which is the same for all who pass together and larger than that of all before: the log index of
     *     the entry in which they passed. Empty when the others did not come in time, and this one left
     * @throws InvalidRequestException if those who wait do so for another number of parties
     * @throws io.balsa.raft.client.OutcomeUnknownException if nobody can tell whether the barrier let it through: the cluster
     *     was out of reach, or the calling thread was interrupted. If it waits there yet, it leaves as soon as the cluster can
     *     be reached
     */
    OptionalLong arrive(String name, int parties, Duration wait);

    /** Like {@link #arrive}. Cancelling the future, or completing it in any other way, gives up waiting. */
    CompletableFuture<OptionalLong> arriveAsync(String name, int parties, Duration wait);

    /** Tells how many wait at a barrier. Linearizable. */
    BarrierInfo show(String name);

    /** Like {@link #show}. */
    CompletableFuture<BarrierInfo> showAsync(String name);
}
