package io.balsa.lock;

import io.balsa.raft.client.NotAppliedException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A {@link DistributedLock} as the JDK's {@link Lock}: reentrant, owned by the thread that locked it. For code that takes such
 * a lock; a {@link LockLease} says more.
 *
 * <p>A lock of the JDK can't be lost, this one can: {@link #unlock} tells of it by {@link LockLostException}, when it is too late
 * for what was done. Use {@link #lease} to follow it. The locks that it stands on should renew their leases by themselves
 * ({@link LockOptions#withAutoRenew}); otherwise it is lost when its TTL is over.
 *
 * <p>Failures of the service surface from {@link #lock}, {@link #lockInterruptibly} and {@link #tryLock} as
 * {@link io.balsa.raft.client.RequestException}: a wait without end for a service that is not there helps nobody.
 *
 * <p>Thread-safe.
 */
public final class ThreadBoundLock implements Lock {
    /** A wait without end is asked for in pieces, so that it ends when the service is not there. */
    private static final Duration WAIT_PIECE = Duration.ofMinutes(1);

    /** Where waiters have an order, each piece costs the place in it, so this is the longest that services take. */
    private static final Duration FAIR_WAIT_PIECE = Duration.ofHours(24);

    private final DistributedLock locks;
    private final String key;
    private final Duration ttl;
    private final Duration waitPiece;

    /** Each thread's own: one that lost the lock may meet the next owner here. */
    private final Map<Thread, Hold> holds = new ConcurrentHashMap<>();

    /** A thread that locked it, and how often. */
    private static final class Hold {
        private final LockLease lease;
        private int count = 1;

        Hold(LockLease lease) {
            this.lease = lease;
        }
    }

    /**
     * A lock of one key.
     *
     * @param locks where it is acquired; not closed with this
     * @param ttl of its leases
     */
    public ThreadBoundLock(DistributedLock locks, String key, Duration ttl) {
        this.locks = Objects.requireNonNull(locks, "locks");
        this.key = Objects.requireNonNull(key, "key");
        this.ttl = Objects.requireNonNull(ttl, "ttl");
        this.waitPiece = locks.supports(Capability.FAIRNESS) ? FAIR_WAIT_PIECE : WAIT_PIECE;
    }

    @Override
    public void lock() {
        boolean acquired = false;
        while (!acquired) {
            acquired = acquireInAnyCase(waitPiece);
        }
    }

    private boolean acquireInAnyCase(Duration wait) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return acquire(wait);
                } catch (NotAppliedException e) {
                    // An interrupt ends a wait, but not this one.
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        boolean acquired = false;
        while (!acquired) {
            acquired = acquireInterruptibly(waitPiece);
        }
    }

    @Override
    public boolean tryLock() {
        return acquireInAnyCase(Duration.ZERO);
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        long beganNanos = System.nanoTime();
        long waitNanos = Math.max(0, unit.toNanos(time));
        long restNanos = waitNanos;
        boolean acquired;
        do {
            acquired = acquireInterruptibly(Duration.ofNanos(Math.min(restNanos, waitPiece.toNanos())));
            restNanos = waitNanos - (System.nanoTime() - beganNanos);
        } while (!acquired && restNanos > 0);
        return acquired;
    }

    private boolean acquireInterruptibly(Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before lock '" + key + "' was asked for");
        }
        try {
            return acquire(wait);
        } catch (NotAppliedException e) {
            if (Thread.interrupted()) {
                InterruptedException interrupt =
                        new InterruptedException("interrupted while waiting for lock '" + key + "'");
                interrupt.initCause(e);
                throw interrupt;
            }
            throw e;
        }
    }

    private boolean acquire(Duration wait) {
        Hold held = holds.get(Thread.currentThread());
        if (held != null) {
            if (!held.lease.isValid()) {
                throw new LockLostException(key);
            }
            held.count = Math.addExact(held.count, 1);
            return true;
        }
        Optional<LockLease> acquired = locks.tryAcquire(key, ttl, wait);
        acquired.ifPresent(lease -> holds.put(Thread.currentThread(), new Hold(lease)));
        return acquired.isPresent();
    }

    /**
     * Releases it, once it was unlocked as often as it was locked.
     *
     * @throws IllegalMonitorStateException if the calling thread has not locked it
     * @throws LockLostException if it was lost meanwhile; it counts as unlocked all the same
     */
    @Override
    public void unlock() {
        Hold held = holds.get(Thread.currentThread());
        if (held == null) {
            throw new IllegalMonitorStateException("lock '" + key + "' is not locked by this thread");
        }
        held.count--;
        if (held.count > 0) {
            return;
        }
        holds.remove(Thread.currentThread());
        // An interrupted thread unlocks too, as with every lock of the JDK.
        if (!Futures.joinInAnyCase(held.lease.releaseAsync())) {
            throw new LockLostException(key);
        }
    }

    /** Whether the calling thread locked it and did not unlock it yet; it may be lost nevertheless. */
    public boolean isHeldByCurrentThread() {
        return holds.containsKey(Thread.currentThread());
    }

    /** The lease under which the calling thread has it; empty when it has it not. */
    public Optional<LockLease> lease() {
        return Optional.ofNullable(holds.get(Thread.currentThread())).map(held -> held.lease);
    }

    /** Not supported. */
    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("a lock that several processes share has no conditions;"
                + " let a waiting process watch what it waits for");
    }
}
