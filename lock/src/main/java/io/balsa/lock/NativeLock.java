package io.balsa.lock;

import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Locks of a Balsa cluster, bound to a {@link Session}: they are lost when it ends. */
@SuppressWarnings("DoNotCallSuggester")
public final class NativeLock implements DistributedLock {
    private final Session session;
    private final LockOptions options;

    private NativeLock(Session session, LockOptions options) {
        this.session = Objects.requireNonNull(session, "session");
        this.options = Objects.requireNonNull(options, "options");
    }

    /** Locks over a session, whose leases run out unless they are renewed. */
    public static NativeLock on(Session session) {
        return on(session, LockOptions.defaults());
    }

    /** Locks over a session. */
    public static NativeLock on(Session session, LockOptions options) {
        return new NativeLock(session, options);
    }

    @Override
    public Optional<LockLease> tryAcquire(String key, Duration ttl, Duration wait) {
        throw new UnsupportedOperationException(session + " " + options);
    }

    @Override
    public CompletableFuture<Optional<LockLease>> tryAcquireAsync(String key, Duration ttl, Duration wait) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<LockLease> acquireAsync(String key, Duration ttl, Duration wait) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean release(String key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync(String key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean renew(String key, Duration ttl) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Boolean> renewAsync(String key, Duration ttl) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isLocked(String key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Boolean> isLockedAsync(String key) {
        throw new UnsupportedOperationException();
    }
}
