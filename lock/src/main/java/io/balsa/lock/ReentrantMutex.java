package io.balsa.lock;

import io.balsa.raft.client.NotAppliedException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One handle of one lock that may be acquired again while it is held: it is released when each acquisition was. It counts for
 * the handle, not for a thread: whoever has the handle has the lock.
 *
 * <p>When the lock is lost, each acquisition is still to be released, and {@link #release} tells of the loss; until the last one
 * is, nobody acquires it by this handle again.
 *
 * <p>Thread-safe. Works over every {@link DistributedLock}.
 */
// What a continuation fails with reaches the future that it completes; a release that fails is left to the TTL.
@SuppressWarnings({"FutureReturnValueIgnored", "CollectionUndefinedEquality"})
public final class ReentrantMutex implements AutoCloseable {
    private final DistributedLock locks;
    private final String key;
    private LockLease lease;
    private int count;
    private CompletableFuture<Boolean> entering;
    private volatile boolean closed;

    /** Told apart by identity. */
    private final Set<CompletableFuture<Boolean>> underWay = ConcurrentHashMap.newKeySet();

    /** @param locks not closed with the handle */
    public ReentrantMutex(DistributedLock locks, String key) {
        this.locks = Objects.requireNonNull(locks, "locks");
        this.key = Objects.requireNonNull(key, "key");
    }

    /**
     * Acquires the lock, or once more.
     *
     * @param ttl for how long from now at least, unless renewed
     * @param wait at most how long to wait while another holds it
     * @return false when it was not free in time
     * @throws LockLostException if it is lost, and earlier acquisitions were not released yet
     */
    public boolean tryAcquire(Duration ttl, Duration wait) {
        return Futures.joinOrCancel(tryAcquireAsync(ttl, wait), "acquire lock '" + key + "'");
    }

    /**
     * Acquires the lock, or once more.
     *
     * @throws LockNotAcquiredException if it was not free in time
     * @throws LockLostException if it is lost, and earlier acquisitions were not released yet
     */
    public void acquire(Duration ttl, Duration wait) {
        if (!tryAcquire(ttl, wait)) {
            throw new LockNotAcquiredException(key, wait);
        }
    }

    /** Like {@link #tryAcquire}. Cancelling the future gives up waiting, and takes the acquisition back if it was granted. */
    public CompletableFuture<Boolean> tryAcquireAsync(Duration ttl, Duration wait) {
        CompletableFuture<Boolean> entered = new CompletableFuture<>();
        underWay.add(entered);
        entered.whenComplete((done, failure) -> underWay.remove(entered));
        if (closed) {
            entered.completeExceptionally(closedFailure());
        }
        enter(ttl, System.nanoTime() + TimeUnit.NANOSECONDS.convert(wait), entered);
        return entered;
    }

    private void enter(Duration ttl, long deadlineNanos, CompletableFuture<Boolean> entered) {
        CompletableFuture<Boolean> others;
        LockLease held;
        synchronized (this) {
            if (entered.isDone()) {
                return;
            }
            others = entering;
            held = lease;
            if (others == null) {
                entering = new CompletableFuture<>();
            }
        }
        if (others != null) {
            // Another acquisition of this handle is under way: its outcome decides about this one, if that still waits
            // then.
            giveUpAt(deadlineNanos, entered);
            others.whenComplete((done, failure) -> enter(ttl, deadlineNanos, entered));
        } else if (held == null) {
            enterFirst(ttl, deadlineNanos, entered);
        } else {
            enterAgain(held, ttl, deadlineNanos, entered);
        }
    }

    /** Not on the thread that keeps all timeouts of the JDK: an application's code may follow, and block. */
    private static void giveUpAt(long deadlineNanos, CompletableFuture<Boolean> entered) {
        CompletableFuture<Void> patience = new CompletableFuture<Void>()
                .completeOnTimeout(null, Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        patience.thenRunAsync(() -> entered.complete(false));
        entered.whenComplete((done, failure) -> patience.cancel(false));
    }

    private void enterFirst(Duration ttl, long deadlineNanos, CompletableFuture<Boolean> entered) {
        Duration wait = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
        CompletableFuture<Optional<LockLease>> asked;
        try {
            asked = locks.tryAcquireAsync(key, ttl, wait);
        } catch (RuntimeException e) {
            settle(null, entered, e);
            return;
        }
        entered.whenComplete((done, failure) -> asked.cancel(false));
        asked.whenComplete(
                (granted, failure) -> settle(failure == null ? granted.orElse(null) : null, entered, failure));
    }

    private void enterAgain(LockLease held, Duration ttl, long deadlineNanos, CompletableFuture<Boolean> entered) {
        if (!held.isValid()) {
            settleAgain(held, ttl, deadlineNanos, entered, new LockLostException(key));
            return;
        }
        if (held.remaining().compareTo(ttl) >= 0) {
            settleAgain(held, ttl, deadlineNanos, entered, null);
            return;
        }
        CompletableFuture<Boolean> asked;
        try {
            asked = held.renewAsync(ttl);
        } catch (RuntimeException e) {
            // Such as a TTL that a held lock can't be given.
            settleAgain(held, ttl, deadlineNanos, entered, e);
            return;
        }
        asked.whenComplete((renewed, failure) -> {
            boolean lost = failure == null && !renewed;
            settleAgain(held, ttl, deadlineNanos, entered, lost ? new LockLostException(key) : failure);
        });
    }

    /**
     * Ends the acquisition under way, of a lock that the handle did not have.
     *
     * @param granted the lease that the handle has from now on, or null
     */
    private void settle(LockLease granted, CompletableFuture<Boolean> entered, Throwable failure) {
        CompletableFuture<Boolean> ended;
        synchronized (this) {
            ended = entering;
            entering = null;
            if (granted != null) {
                lease = granted;
                count++;
            }
        }
        tell(granted != null, entered, failure, ended);
    }

    /** Ends the acquisition under way, of a lease that the handle had. If others released it meanwhile, it is acquired anew. */
    private void settleAgain(
            LockLease held, Duration ttl, long deadlineNanos, CompletableFuture<Boolean> entered, Throwable failure) {
        CompletableFuture<Boolean> ended;
        boolean released;
        synchronized (this) {
            ended = entering;
            entering = null;
            released = lease != held;
            if (!released && failure == null) {
                count++;
            }
        }
        if (released) {
            enter(ttl, deadlineNanos, entered);
            ended.complete(false);
        } else {
            tell(failure == null, entered, failure, ended);
        }
    }

    private void tell(
            boolean success, CompletableFuture<Boolean> entered, Throwable failure, CompletableFuture<Boolean> ended) {
        boolean taken =
                failure == null ? entered.complete(success) : entered.completeExceptionally(Futures.unwrap(failure));
        ended.complete(success);
        if (success && !taken) {
            releaseAsync();
        }
    }

    /** How often it is acquired and not released yet; 0 when it is not held by this handle. */
    public synchronized int holdCount() {
        return count;
    }

    /** The lease under which it is held; empty when it is not. */
    public synchronized Optional<LockLease> lease() {
        return Optional.ofNullable(lease);
    }

    /**
     * Takes back one acquisition; with the last one, the lock is released.
     *
     * @return false when the lock had been lost
     * @throws IllegalStateException if it was released as often as it was acquired
     */
    public boolean release() {
        return Futures.join(releaseAsync());
    }

    /** Like {@link #release}. */
    public CompletableFuture<Boolean> releaseAsync() {
        LockLease released;
        synchronized (this) {
            if (count == 0) {
                throw new IllegalStateException(
                        "lock '" + key + "' is not held by this handle; release it as often as it was acquired");
            }
            count--;
            if (count > 0) {
                return CompletableFuture.completedFuture(lease.isValid());
            }
            released = lease;
            lease = null;
        }
        return released.releaseAsync();
    }

    private NotAppliedException closedFailure() {
        return new NotAppliedException("the handle of lock '" + key + "' is closed; make another");
    }

    /** Releases the lock, however often it was acquired, and gives up what is under way. The handle is of no use after it. */
    @Override
    public void close() {
        closed = true;
        List.copyOf(underWay).forEach(entered -> entered.completeExceptionally(closedFailure()));
        LockLease released;
        synchronized (this) {
            released = lease;
            lease = null;
            count = 0;
        }
        if (released != null) {
            released.close();
        }
    }
}
