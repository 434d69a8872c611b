package io.balsa.lock;

import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.statemachine.session.LockGrant;
import io.balsa.statemachine.session.LockId;
import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Locks;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The locks of a Balsa cluster, over a session that somebody else opened and closes. */
// What a continuation fails with reaches the future that it completes; a release that fails is left to the TTL.
@SuppressWarnings("FutureReturnValueIgnored")
final class NativeBackend implements LockBackend {
    /** What an acquisition asks the cluster for. */
    @FunctionalInterface
    interface Form {
        LockRequest request(String key, Duration ttl);
    }

    private final Session session;
    private final Locks locks;
    private final boolean exclusive;
    private final Form form;
    private final SessionEnd end;

    /** Locks with one holder. */
    NativeBackend(Session session) {
        this(session, true, LockRequest::exclusive);
    }

    /** @param exclusive whether what the form asks for has at most one holder */
    NativeBackend(Session session, boolean exclusive, Form form) {
        this.session = Objects.requireNonNull(session, "session");
        this.locks = session.directLocks();
        this.end = new SessionEnd(session);
        this.exclusive = exclusive;
        this.form = form;
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.values());
    }

    @Override
    public boolean isExclusive() {
        return exclusive;
    }

    @Override
    public CompletableFuture<Optional<Holding>> acquire(String key, Duration ttl, Duration wait) {
        CompletableFuture<Optional<LockGrant>> asked =
                locks.acquireAsync(form.request(key, ttl).waiting(wait));
        CompletableFuture<Optional<Holding>> acquired = new CompletableFuture<>();
        acquired.whenComplete((holding, failure) -> asked.cancel(false));
        asked.whenComplete((grant, failure) -> {
            if (failure != null) {
                acquired.completeExceptionally(failure);
            } else if (!acquired.complete(grant.map(NativeBackend::holding))) {
                // Given up just now.
                grant.ifPresent(given -> locks.releaseAsync(given.id()));
            }
        });
        return acquired;
    }

    private static Holding holding(LockGrant grant) {
        return new Holding(grant.name(), grant.id().toString(), grant.token(), grant.ttl(), grant.sentNanos());
    }

    @Override
    public CompletableFuture<Optional<Holding>> renew(Holding holding, Duration ttl) {
        return locks.renewAsync(LockId.parse(holding.id()), ttl)
                .thenApply(renewed -> renewed.map(NativeBackend::holding));
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        return locks.releaseAsync(LockId.parse(holding.id()));
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        return locks.showAsync(key).thenApply(LockInfo::isHeld);
    }

    @Override
    public CompletableFuture<LockDescription> describe(String key) {
        return locks.showAsync(key).thenApply(NativeBackend::description);
    }

    private static LockDescription description(LockInfo info) {
        List<LockDescription.Holder> holders = info.holders().stream()
                .map(holder -> new LockDescription.Holder(
                        holder.clientName(),
                        holder.id().toString(),
                        OptionalLong.of(holder.id().token()),
                        Optional.of(holder.held()),
                        Optional.of(holder.remaining())))
                .toList();
        List<LockDescription.Waiter> waiters = info.waiters().stream()
                .map(waiter -> new LockDescription.Waiter(waiter.clientName()))
                .toList();
        return new LockDescription(info.name(), holders, waiters);
    }

    @Override
    public Duration remaining() {
        return session.remaining();
    }

    @Override
    public Registration onEnd(Runnable listener) {
        return end.tell(listener);
    }

    @Override
    public Executor gathering(Executor callers) {
        return session.gathering(callers);
    }

    /** How many holdings wait for the end of the session. */
    int bound() {
        return end.size();
    }

    /** The session is somebody else's. */
    @Override
    public void close() {
        end.close();
    }
}
