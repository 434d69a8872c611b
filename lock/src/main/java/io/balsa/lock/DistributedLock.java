package io.balsa.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Locks that processes share, each named by a key and held as a {@link LockLease}.
 *
 * <p>Each acquisition stands for itself: two of the same object exclude each other, as those of two processes do. So one
 * object holds a key at most once, and {@link #release(String)} and {@link #renew(String, Duration)} know which lease is
 * meant.
 *
 * <p>Failures of the service surface as {@link io.balsa.raft.client.RequestException}, which tells whether a request had an
 * effect; that a lock is held by another is none. What can't be asked for (an empty key, a TTL that the service can't keep)
 * is refused by {@link IllegalArgumentException}; where only a cluster of Balsa knows its limits, by its
 * {@link io.balsa.statemachine.session.InvalidRequestException}.
 *
 * <p>Not bound to threads: one may acquire and another release. Code that follows a future may block, also for other locks.
 * Thread-safe.
 */
public interface DistributedLock extends AutoCloseable {
    /** Whether it can do something; what it can't is refused by {@link UnsupportedCapabilityException}. */
    boolean supports(Capability capability);

    /**
     * Acquires a lock if it is free.
     *
     * @param ttl for how long, unless renewed
     * @return the lease; empty when it is held
     */
    default Optional<LockLease> tryAcquire(String key, Duration ttl) {
        return tryAcquire(key, ttl, Duration.ZERO);
    }

    /**
     * Acquires a lock, waiting for it; in the order of arrival where there is {@link Capability#FAIRNESS}.
     *
     * @param ttl for how long, unless renewed
     * @param wait at most how long to wait
     * @return the lease; empty when it was not free in time
     */
    Optional<LockLease> tryAcquire(String key, Duration ttl, Duration wait);

    /** Like {@link #tryAcquire(String, Duration)}. */
    default CompletableFuture<Optional<LockLease>> tryAcquireAsync(String key, Duration ttl) {
        return tryAcquireAsync(key, ttl, Duration.ZERO);
    }

    /**
     * Like {@link #tryAcquire(String, Duration, Duration)}. Cancelling the future gives up waiting, and releases the lock if
     * it was granted meanwhile.
     */
    CompletableFuture<Optional<LockLease>> tryAcquireAsync(String key, Duration ttl, Duration wait);

    /**
     * Acquires a lock that should be free.
     *
     * @throws LockNotAcquiredException if it is held
     */
    default LockLease acquire(String key, Duration ttl) {
        return acquire(key, ttl, Duration.ZERO);
    }

    /**
     * Acquires a lock, waiting for it; in the order of arrival where there is {@link Capability#FAIRNESS}.
     *
     * @param ttl for how long, unless renewed
     * @param wait at most how long to wait
     * @throws LockNotAcquiredException if it was not free in time
     */
    default LockLease acquire(String key, Duration ttl, Duration wait) {
        return tryAcquire(key, ttl, wait).orElseThrow(() -> new LockNotAcquiredException(key, wait));
    }

    /** Like {@link #acquire(String, Duration)}. */
    default CompletableFuture<LockLease> acquireAsync(String key, Duration ttl) {
        return acquireAsync(key, ttl, Duration.ZERO);
    }

    /** Like {@link #acquire(String, Duration, Duration)}; cancelled as {@link #tryAcquireAsync(String, Duration, Duration)}. */
    CompletableFuture<LockLease> acquireAsync(String key, Duration ttl, Duration wait);

    /**
     * Releases the lock that this object holds under a key.
     *
     * @return false when it holds none; then nothing happened
     */
    boolean release(String key);

    /** Like {@link #release}. */
    CompletableFuture<Boolean> releaseAsync(String key);

    /**
     * Puts off the end of the lock that this object holds under a key.
     *
     * @param ttl from now on
     * @return false when it holds none, or has lost it
     */
    boolean renew(String key, Duration ttl);

    /** Like {@link #renew}. */
    CompletableFuture<Boolean> renewAsync(String key, Duration ttl);

    /** Whether anybody holds the lock. */
    boolean isLocked(String key);

    /** Like {@link #isLocked}. */
    CompletableFuture<Boolean> isLockedAsync(String key);

    /**
     * Tells who holds a lock and who waits for it.
     *
     * @throws UnsupportedCapabilityException without {@link Capability#INSPECTION}
     */
    LockDescription describe(String key);

    /** Like {@link #describe}. */
    CompletableFuture<LockDescription> describeAsync(String key);

    /** What became of the requests to this object up to now. */
    LockMetrics metrics();

    /** Gives up what waits, releases what is held, and frees what it opened itself. Closing twice does nothing more. */
    @Override
    void close();
}
