package io.balsa.lock.backend;

import io.balsa.lock.Capability;
import io.balsa.lock.LockDescription;
import io.balsa.lock.UnsupportedCapabilityException;
import io.balsa.statemachine.session.Registration;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A lock service, in the few words that {@link io.balsa.lock.LeasingLock} needs: it gives locks, puts off their end and takes
 * them back. Time, renewal, listeners and metrics are the leases' and the same for all.
 *
 * <p>Every future completes by itself within a bound (the wait that was asked for, and the backend's request timeout), never
 * with the backend's own exceptions: with {@link io.balsa.raft.client.NotAppliedException} when the request certainly had no
 * effect, {@link io.balsa.raft.client.OutcomeUnknownException} when nobody can tell,
 * {@link io.balsa.statemachine.session.SessionExpiredException} when what the lock was bound to is over. A request that the
 * backend can't serve at all (a TTL that is too short for it, an empty key) is refused by throwing
 * {@link IllegalArgumentException} at once, which names the limit, unless only the service knows it.
 *
 * <p>Thread-safe. Futures may complete on a thread of the network: what follows there is a few steps, and hands an application's
 * code on to {@link #gathering}.
 */
public interface LockBackend extends AutoCloseable {
    /** A word for log messages and names of threads: {@code native}, {@code redis}. */
    String name();

    /** What it can do. Constant. */
    Set<Capability> capabilities();

    /**
     * Whether a lock has at most one holder at a time. Otherwise (readers, permits) one process may hold it several times.
     */
    default boolean isExclusive() {
        return true;
    }

    /**
     * Acquires a lock, each call for a holder of its own. Cancelling the future, or completing it in any other way, gives up
     * waiting and releases what was granted meanwhile: nothing is left behind.
     *
     * @param wait at most how long to wait while it is held; zero: not at all
     * @return empty when it was not free in time
     */
    CompletableFuture<Optional<Holding>> acquire(String key, Duration ttl, Duration wait);

    /**
     * Puts the end of a holding off.
     *
     * @param ttl from now on
     * @return the holding as renewed; empty when it is over: it ran out or was released
     */
    CompletableFuture<Optional<Holding>> renew(Holding holding, Duration ttl);

    /**
     * Ends a holding, and nothing else: never one of somebody who holds the lock by now.
     *
     * @return false when it was over before
     */
    CompletableFuture<Boolean> release(Holding holding);

    /**
     * A holding's time is over as its holder sees it. A backend that does not end it by itself (no
     * {@link Capability#SERVER_TTL}) does so now.
     */
    default void lapsed(Holding holding) {}

    /** Whether anybody holds the lock. */
    CompletableFuture<Boolean> isLocked(String key);

    /**
     * Tells who holds a lock and who waits for it.
     *
     * @throws UnsupportedCapabilityException without {@link Capability#INSPECTION}
     */
    default CompletableFuture<LockDescription> describe(String key) {
        throw new UnsupportedCapabilityException(name(), Capability.INSPECTION);
    }

    /**
     * For how long all holdings last for certain, whatever their TTL, if nothing more is heard of the backend: the rest of
     * the session that they are bound to. Without such a bond longer than any TTL.
     */
    default Duration remaining() {
        return Duration.ofNanos(Long.MAX_VALUE);
    }

    /** Like {@link #remaining()}, of what one holding is bound to: for a backend whose sessions follow each other. */
    default Duration remaining(Holding holding) {
        return remaining();
    }

    /**
     * Calls back once when what the holdings are bound to is over, at once if it is over already. The callback may be called
     * on any thread, also while locks of the backend are held, and does nothing that takes long.
     */
    default Registration onEnd(Runnable listener) {
        return () -> {};
    }

    /** Like {@link #onEnd(Runnable)}, of what one holding is bound to: for a backend whose sessions follow each other. */
    default Registration onEnd(Holding holding, Runnable listener) {
        return onEnd(listener);
    }

    /**
     * An executor that hands tasks on to another, on whose threads an application's code may follow answers, and block. A backend
     * that hears many answers at once hands on together what follows them: so a thread is woken once for all of them.
     */
    default Executor gathering(Executor callers) {
        return callers;
    }

    /** Gives up what waits and frees threads and connections that are its own. Holdings were released before. */
    @Override
    void close();
}
