package io.balsa.lock;

import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Locks of a Balsa cluster, bound to a {@link Session}: they are lost when it ends.
 *
 * <p>It has no end of its own: what it holds ends with the session, and without a lease it leaves nothing behind. It knows
 * the leases that were acquired through it, by their key, so keep one for each session.
 */
// What a continuation fails with reaches the future that it completes; a release that fails is left to the TTL.
@SuppressWarnings("FutureReturnValueIgnored")
public final class NativeLock implements DistributedLock {
    private final Session session;
    private final LockOptions options;
    private final LeaseTimer timer;
    private final Map<String, NativeLease> leases = new ConcurrentHashMap<>();

    NativeLock(Session session, LockOptions options, LeaseTimer timer) {
        this.session = Objects.requireNonNull(session, "session");
        this.options = Objects.requireNonNull(options, "options");
        this.timer = timer;
    }

    /** Locks over a session, whose leases run out unless they are renewed. */
    public static NativeLock on(Session session) {
        return on(session, LockOptions.defaults());
    }

    /** Locks over a session. */
    public static NativeLock on(Session session, LockOptions options) {
        return new NativeLock(session, options, new LeaseThreads(session.id()));
    }

    @Override
    public Optional<LockLease> tryAcquire(String key, Duration ttl, Duration wait) {
        return session.locks().acquire(key, ttl, wait).map(this::lease);
    }

    @Override
    public CompletableFuture<Optional<LockLease>> tryAcquireAsync(String key, Duration ttl, Duration wait) {
        CompletableFuture<Optional<LockGrant>> asked = session.locks().acquireAsync(key, ttl, wait);
        CompletableFuture<Optional<LockLease>> acquired = new CompletableFuture<>();
        acquired.whenComplete((lease, failure) -> asked.cancel(false));
        asked.whenComplete((grant, failure) -> {
            if (failure != null) {
                acquired.completeExceptionally(failure);
                return;
            }
            Optional<LockLease> lease = grant.map(this::lease);
            if (!acquired.complete(lease)) {
                lease.ifPresent(LockLease::releaseAsync);
            }
        });
        return acquired;
    }

    @Override
    public CompletableFuture<LockLease> acquireAsync(String key, Duration ttl, Duration wait) {
        CompletableFuture<Optional<LockLease>> asked = tryAcquireAsync(key, ttl, wait);
        CompletableFuture<LockLease> acquired = new CompletableFuture<>();
        acquired.whenComplete((lease, failure) -> asked.cancel(false));
        asked.whenComplete((lease, failure) -> {
            if (failure != null) {
                acquired.completeExceptionally(failure);
            } else if (lease.isEmpty()) {
                acquired.completeExceptionally(new LockNotAcquiredException(key, wait));
            } else if (!acquired.complete(lease.get())) {
                lease.get().releaseAsync();
            }
        });
        return acquired;
    }

    private LockLease lease(LockGrant grant) {
        NativeLease lease =
                new NativeLease(session, timer, options.autoRenew(), grant, ended -> leases.remove(ended.key(), ended));
        NativeLease before = leases.put(grant.name(), lease);
        lease.start();
        if (before != null) {
            before.superseded();
        }
        return lease;
    }

    @Override
    public boolean release(String key) {
        NativeLease lease = leases.get(key);
        return lease != null && lease.release();
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync(String key) {
        NativeLease lease = leases.get(key);
        return lease == null ? CompletableFuture.completedFuture(false) : lease.releaseAsync();
    }

    @Override
    public boolean renew(String key, Duration ttl) {
        NativeLease lease = leases.get(key);
        return lease != null && lease.renew(ttl);
    }

    @Override
    public CompletableFuture<Boolean> renewAsync(String key, Duration ttl) {
        NativeLease lease = leases.get(key);
        return lease == null ? CompletableFuture.completedFuture(false) : lease.renewAsync(ttl);
    }

    @Override
    public boolean isLocked(String key) {
        return session.locks().show(key).isHeld();
    }

    @Override
    public CompletableFuture<Boolean> isLockedAsync(String key) {
        return session.locks().showAsync(key).thenApply(LockInfo::isHeld);
    }
}
