package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The locks of the cluster, as one session sees them: mutexes, read-write locks and semaphores; strictly first come, first
 * served, with a time to live and a fencing token.
 *
 * <p>This is the bare protocol. Leases that renew themselves and tell of their loss are in the module {@code lock}.
 *
 * <p>Each call that acquires is a handle of its own, also within one session: two of them exclude each other as strangers do.
 * The cluster counts how often one handle acquired, but this interface never acquires twice by the same: a reentrant lock is
 * counted by whoever keeps the grant, as a lease does. Nor can a reader become a writer by asking again: it waits for itself
 * until its wait is over, unless it releases first.
 */
public interface Locks {
    /**
     * Acquires a lock. Each call stands for itself: two of the same session exclude each other.
     *
     * @return the grant, valid for nearly the request's time to live; empty when the lock was not free in time
     * @throws InvalidRequestException if the lock is of another kind at present, or the cluster does not accept a value; also if
     *     its servers are too old to know any locks but exclusive ones
     */
    Optional<LockGrant> acquire(LockRequest request);

    /**
     * Like {@link #acquire(LockRequest)}. Cancelling the future, or completing it in any other way, gives up waiting, and
     * releases the lock if it was granted meanwhile.
     */
    CompletableFuture<Optional<LockGrant>> acquireAsync(LockRequest request);

    /**
     * Acquires a lock exclusively.
     *
     * @param name 1 to 512 bytes in UTF-8
     * @param ttl after this time without renewal the cluster gives the lock to the next one
     * @param wait how long to wait when it is held; zero: not at all
     * @return the grant, valid for nearly {@code ttl}; empty when the lock was not free in time
     */
    default Optional<LockGrant> acquire(String name, Duration ttl, Duration wait) {
        return acquire(LockRequest.exclusive(name, ttl).waiting(wait));
    }

    /** Like {@link #acquire(String, Duration, Duration)}, in the manner of {@link #acquireAsync(LockRequest)}. */
    default CompletableFuture<Optional<LockGrant>> acquireAsync(String name, Duration ttl, Duration wait) {
        return acquireAsync(LockRequest.exclusive(name, ttl).waiting(wait));
    }

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

    /**
     * Lists the locks that are held, by name. It is read page by page, each linearizably: a lock that is released or acquired
     * meanwhile may or may not be listed. The request timeout is that of each page.
     *
     * @param prefix what their names begin with; empty: all of them
     */
    List<LockInfo> list(String prefix);

    /** Like {@link #list}. */
    CompletableFuture<List<LockInfo>> listAsync(String prefix);

    /** Tells a listener who holds a lock, and then whenever that has changed, until it is closed. */
    LockWatch watch(String name, LockListener listener);
}
