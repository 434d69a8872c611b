package io.balsa.lock;

import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Offers the locks of any {@link LockBackend} as leases: keeps their time, renews them, tells of their loss, and counts.
 *
 * <p>It knows the leases that were acquired through it by their key. Locks of one's own service take a backend and this class.
 */
// What a continuation fails with reaches the future that it completes; a release that fails is left to the TTL. Which
// futures
// wait is told by their identity.
@SuppressWarnings({"FutureReturnValueIgnored", "CollectionUndefinedEquality"})
public final class LeasingLock implements DistributedLock {
    /** Far from where the arithmetic of backends would end: a wait for ever may be asked for in any length. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(3_650);

    private final LockBackend backend;
    private final LockOptions options;
    private final LeaseTimer timer;
    private final LockMeter meter = new LockMeter();

    /** The leases of each key, the newest last; never more than one where a lock has only one holder. */
    private final Map<String, List<BackendLease>> leases = new ConcurrentHashMap<>();

    private final Set<CompletableFuture<?>> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LeasingLock(LockBackend backend, LockOptions options, LeaseTimer timer) {
        this.backend = Objects.requireNonNull(backend, "backend");
        this.options = Objects.requireNonNull(options, "options");
        this.timer = timer;
    }

    /** Locks of a backend, which is closed with them. */
    public static LeasingLock over(LockBackend backend, LockOptions options) {
        return new LeasingLock(backend, options, new LeaseThreads(backend.name(), backend::gathering));
    }

    @Override
    public boolean supports(Capability capability) {
        return backend.capabilities().contains(capability);
    }

    @Override
    public Optional<LockLease> tryAcquire(String key, Duration ttl, Duration wait) {
        return Futures.joinOrCancel(begin(key, ttl, wait), "acquire lock '" + key + "'");
    }

    @Override
    public CompletableFuture<Optional<LockLease>> tryAcquireAsync(String key, Duration ttl, Duration wait) {
        CompletableFuture<Optional<LockLease>> asked = begin(key, ttl, wait);
        CompletableFuture<Optional<LockLease>> acquired = new CompletableFuture<>();
        acquired.whenComplete((lease, failure) -> asked.cancel(false));
        asked.whenComplete((lease, failure) -> timer.callers().execute(() -> {
            if (failure != null) {
                acquired.completeExceptionally(failure);
            } else if (!acquired.complete(lease)) {
                lease.ifPresent(LockLease::releaseAsync);
            }
        }));
        return acquired;
    }

    /** Acquires a lock; the future completes on a thread of the backend's. */
    private CompletableFuture<Optional<LockLease>> begin(String key, Duration ttl, Duration wait) {
        check(key, ttl);
        if (wait.isNegative()) {
            throw new IllegalArgumentException(
                    "the wait for lock '" + key + "' is negative, " + wait + "; zero does not wait");
        }
        long beganNanos = timer.nanoTime();
        Duration bounded = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
        CompletableFuture<Optional<Holding>> asked = backend.acquire(key, ttl, bounded);
        meter.begun();
        CompletableFuture<Optional<LockLease>> acquired = new CompletableFuture<>();
        waiting.add(acquired);
        acquired.whenComplete((lease, failure) -> {
            waiting.remove(acquired);
            asked.cancel(false);
        });
        asked.whenComplete((holding, failure) -> {
            if (failure != null) {
                countFailure(failure);
                acquired.completeExceptionally(Futures.unwrap(failure));
                return;
            }
            if (holding.isEmpty()) {
                meter.notAcquired();
                acquired.complete(Optional.empty());
                return;
            }
            meter.acquired(timer.nanoTime() - beganNanos);
            BackendLease lease = lease(holding.get());
            if (!acquired.complete(Optional.of(lease))) {
                lease.beginRelease();
            }
        });
        if (closed) {
            acquired.completeExceptionally(closedFailure());
        }
        return acquired;
    }

    private void countFailure(Throwable failure) {
        if (Futures.unwrap(failure) instanceof CancellationException) {
            meter.notAcquired();
        } else {
            meter.failed();
        }
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

    private BackendLease lease(Holding holding) {
        BackendLease lease = new BackendLease(backend, timer, options.autoRenew(), meter, holding, this::forget);
        // Told so late that a later grant may have been told before: that one is not to be ended by it.
        boolean isOver = holding.validUntilNanos() - timer.nanoTime() <= 0;
        List<BackendLease> superseded = new ArrayList<>();
        leases.compute(holding.key(), (key, before) -> {
            if (before == null) {
                return List.of(lease);
            }
            if (backend.isExclusive() && !isOver) {
                superseded.addAll(before);
                return List.of(lease);
            }
            List<BackendLease> all = new ArrayList<>(before);
            all.add(isOver ? 0 : all.size(), lease);
            return List.copyOf(all);
        });
        lease.start();
        superseded.forEach(BackendLease::superseded);
        return lease;
    }

    private void forget(BackendLease ended) {
        leases.computeIfPresent(ended.key(), (key, before) -> {
            List<BackendLease> rest =
                    before.stream().filter(lease -> lease != ended).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    /** The newest lease of a key. */
    private Optional<BackendLease> find(String key) {
        List<BackendLease> all = leases.get(key);
        return all == null ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    @Override
    public boolean release(String key) {
        return find(key).map(BackendLease::release).orElse(false);
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync(String key) {
        return find(key).map(BackendLease::releaseAsync).orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    @Override
    public boolean renew(String key, Duration ttl) {
        check(key, ttl);
        return find(key).map(lease -> lease.renew(ttl)).orElse(false);
    }

    @Override
    public CompletableFuture<Boolean> renewAsync(String key, Duration ttl) {
        check(key, ttl);
        return find(key).map(lease -> lease.renewAsync(ttl)).orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    @Override
    public boolean isLocked(String key) {
        requireOpen();
        return Futures.join(backend.isLocked(key));
    }

    @Override
    public CompletableFuture<Boolean> isLockedAsync(String key) {
        requireOpen();
        return Futures.handOver(backend.isLocked(key), timer.callers());
    }

    @Override
    public LockDescription describe(String key) {
        return Futures.join(inspect(key));
    }

    @Override
    public CompletableFuture<LockDescription> describeAsync(String key) {
        return Futures.handOver(inspect(key), timer.callers());
    }

    private CompletableFuture<LockDescription> inspect(String key) {
        requireOpen();
        if (!supports(Capability.INSPECTION)) {
            throw new UnsupportedCapabilityException(backend.name(), Capability.INSPECTION);
        }
        return backend.describe(key);
    }

    @Override
    public LockMetrics metrics() {
        return meter.read();
    }

    private void check(String key, Duration ttl) {
        requireOpen();
        if (key.isEmpty()) {
            throw new IllegalArgumentException("the key of a lock is empty; name the lock");
        }
        if (ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("the ttl of lock '" + key + "' must be positive, not " + ttl);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw closedFailure();
        }
    }

    private NotAppliedException closedFailure() {
        return new NotAppliedException("the locks of the backend '" + backend.name() + "' are closed; open them anew");
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(waiting).forEach(future -> future.completeExceptionally(closedFailure()));
        List<CompletableFuture<Boolean>> releases = new ArrayList<>();
        leases.values().forEach(all -> all.forEach(lease -> releases.add(lease.beginRelease())));
        try {
            Futures.joinInAnyCase(CompletableFuture.allOf(releases.toArray(CompletableFuture[]::new)));
        } catch (RequestException e) {
            // What could not be released runs out by itself.
        } finally {
            backend.close();
        }
    }
}
