package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The locks of the cluster, as one session sees them: first come, first served, with a time to live and a fencing token.
 *
 * <p>This is the bare protocol. Leases that renew themselves and tell of their loss are in the module {@code lock}.
 */
public interface Locks {
    /**
     * Acquires a lock. Each call stands for itself: two of the same session exclude each other.
     *
     * @param name 1 to 256 characters or so; the cluster says when it is too long
     * @param ttl after this time without renewal the cluster gives the lock to the next one
     * @param wait how long to wait when it is held; zero: not at all
     * @return the grant, valid for nearly {@code ttl}; empty when the lock was not free in time
     */
    Optional<LockGrant> acquire(String name, Duration ttl, Duration wait);

    /**
     * Like {@link #acquire}. Cancelling the future, or completing it in any other way, gives up waiting, and releases the
     * lock if it was granted meanwhile.
     */
    CompletableFuture<Optional<LockGrant>> acquireAsync(String name, Duration ttl, Duration wait);

    /**
     * Puts the end of a lock off.
     *
     * @param ttl from now on
     * @return the grant as renewed; empty when the lock is not held any more, or was never
     */
    Optional<LockGrant> renew(LockId id, Duration ttl);

    /** Like {@link #renew}. */
    CompletableFuture<Optional<LockGrant>> renewAsync(LockId id, Duration ttl);

    /**
     * Releases a lock, also one that another session holds, as long as it is exactly the holding that the id names.
     *
     * @return false when it is not held any more, or was never; then nothing happened
     */
    boolean release(LockId id);

    /** Like {@link #release}. */
    CompletableFuture<Boolean> releaseAsync(LockId id);

    /** Tells who holds a lock and who waits for it. Linearizable. */
    LockInfo show(String name);

    /** Like {@link #show}. */
    CompletableFuture<LockInfo> showAsync(String name);
}
