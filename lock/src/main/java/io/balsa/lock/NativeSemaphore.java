package io.balsa.lock;

import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Semaphores of a Balsa cluster: of each key's permits, holders take as many as they need, all or none. Strictly first come,
 * first served: who needs few does not overtake who needs many.
 *
 * <p>The capacity is the same for all, as long as anybody holds permits or waits for some; another one is refused by
 * {@link io.balsa.statemachine.session.InvalidRequestException}, as is a key that is in use as a lock. Permits are leases: those
 * of a holder that dies come back with the end of their TTL or its session.
 *
 * <p>Thread-safe. Closing it gives back what was taken through it, and leaves the session open.
 */
public final class NativeSemaphore implements AutoCloseable {
    private final Session session;
    private final int capacity;
    private final LockOptions options;
    private final Map<Integer, DistributedLock> byPermits = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private NativeSemaphore(Session session, int capacity, LockOptions options) {
        this.session = Objects.requireNonNull(session, "session");
        this.options = Objects.requireNonNull(options, "options");
        if (capacity < 1) {
            throw new IllegalArgumentException("a semaphore has at least 1 permit, not " + capacity);
        }
        this.capacity = capacity;
    }

    /** Semaphores over a session, whose leases run out unless they are renewed. */
    public static NativeSemaphore on(Session session, int capacity) {
        return on(session, capacity, LockOptions.defaults());
    }

    /**
     * Semaphores over a session.
     *
     * @param capacity how many permits each key has, 1 to 1,000,000
     */
    public static NativeSemaphore on(Session session, int capacity, LockOptions options) {
        return new NativeSemaphore(session, capacity, options);
    }

    /**
     * The locks that each take so many permits. It may hold one key several times; {@code release(key)} then releases the
     * newest.
     *
     * @throws IllegalArgumentException if there are not so many
     */
    public DistributedLock permits(int permits) {
        if (permits < 1 || permits > capacity) {
            throw new IllegalArgumentException(permits + " permits are not from 1 to the capacity, " + capacity);
        }
        DistributedLock locks = byPermits.computeIfAbsent(
                permits,
                count -> LeasingLock.over(
                        new NativeBackend(session, false, (key, ttl) -> LockRequest.permits(key, count, capacity, ttl)),
                        options));
        if (closed) {
            locks.close();
        }
        return locks;
    }

    /**
     * Takes one permit, waiting for it.
     *
     * @throws LockNotAcquiredException if none was free in time
     */
    public LockLease acquire(String key, Duration ttl, Duration wait) {
        return permits(1).acquire(key, ttl, wait);
    }

    /** How many permits of a key nobody has. */
    public int available(String key) {
        return available(session.locks().show(key));
    }

    /** Like {@link #available}. */
    public CompletableFuture<Integer> availableAsync(String key) {
        return session.locks().showAsync(key).thenApply(this::available);
    }

    private int available(LockInfo info) {
        return info.isHeld() ? Math.max(0, info.capacity() - info.permits()) : capacity;
    }

    @Override
    public void close() {
        closed = true;
        byPermits.values().forEach(DistributedLock::close);
    }
}
