package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.GetLock;
import io.balsa.statemachine.proto.ListLocks;
import io.balsa.statemachine.proto.LockList;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.RenewLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** The locks as a {@link ClientSession} sees them. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionLocks implements Locks {
    private final ClientSession session;
    private final AtomicLong lastHolder;
    private final WaitLimit waits;
    private final Executor callbacks;

    /** @param callbacks completes the futures of callers */
    SessionLocks(ClientSession session, Executor callbacks) {
        this(session, new AtomicLong(), new WaitLimit(), callbacks);
    }

    private SessionLocks(ClientSession session, AtomicLong lastHolder, WaitLimit waits, Executor callbacks) {
        this.session = session;
        this.lastHolder = lastHolder;
        this.waits = waits;
        this.callbacks = callbacks;
    }

    /** The same locks, whose futures complete elsewhere. */
    SessionLocks completedOn(Executor otherCallbacks) {
        return new SessionLocks(session, lastHolder, waits, otherCallbacks);
    }

    private <T> CompletableFuture<T> deliver(CompletableFuture<T> internal) {
        return ClientSession.deliver(internal, callbacks);
    }

    @Override
    public Optional<LockGrant> acquire(LockRequest request) {
        LockAcquisition acquisition = begin(request);
        try {
            acquisition.start(ask -> ask.accept(session.commands().enter(what(request.name()))));
        } catch (NotAppliedException e) {
            acquisition.cancel();
            throw e;
        }
        CompletableFuture<Optional<LockGrant>> result = acquisition.result();
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw Failures.rethrown(e);
        } catch (InterruptedException e) {
            acquisition.cancel();
            result.whenComplete((grant, failure) -> giveBack(grant));
            Thread.currentThread().interrupt();
            throw Wire.withCause(
                    new NotAppliedException(what(request.name()) + " was given up: the calling thread was interrupted"),
                    e);
        }
    }

    @Override
    public CompletableFuture<Optional<LockGrant>> acquireAsync(LockRequest request) {
        CompletableFuture<Optional<LockGrant>> external = new CompletableFuture<>();
        LockAcquisition acquisition;
        try {
            acquisition = begin(request);
        } catch (NotAppliedException e) {
            return CompletableFuture.failedFuture(e);
        }
        acquisition.start(ask ->
                session.commands().enterInTurn(() -> !acquisition.result().isDone(), ask));
        external.whenComplete((grant, failure) -> acquisition.cancel());
        acquisition
                .result()
                .whenComplete((grant, failure) -> callbacks.execute(() -> {
                    boolean taken = failure == null
                            ? external.complete(grant)
                            : external.completeExceptionally(Failures.unwrap(failure));
                    if (!taken) {
                        giveBack(grant);
                    }
                }));
        return external;
    }

    private LockAcquisition begin(LockRequest request) {
        LockAcquisition acquisition = new LockAcquisition(session, lastHolder::incrementAndGet, request);
        waits.enter(what(request.name()), acquisition.result());
        return acquisition;
    }

    /** A grant came that nobody takes. */
    private void giveBack(Optional<LockGrant> grant) {
        if (grant != null) {
            grant.ifPresent(lock -> session.commands().insist(releaseOperation(lock.id())));
        }
    }

    @Override
    public Optional<LockGrant> renew(LockId id, Duration ttl) {
        return renewed(id, ttl, session.commands().call(renewOperation(id, ttl)));
    }

    @Override
    public CompletableFuture<Optional<LockGrant>> renewAsync(LockId id, Duration ttl) {
        return deliver(session.commands()
                .submitInTurn(renewOperation(id, ttl))
                .thenApply(outcome -> renewed(id, ttl, outcome)));
    }

    private Operation renewOperation(LockId id, Duration ttl) {
        RenewLock command = RenewLock.newBuilder()
                .setName(id.name())
                .setOwnerSession(id.session())
                .setHolder(id.holder())
                .setToken(id.token())
                .setTtlMillis(ttl.toMillis())
                .build();
        return new Operation("renew lock '" + id.name() + "'", builder -> builder.setRenewLock(command));
    }

    private static Optional<LockGrant> renewed(LockId id, Duration ttl, Outcome outcome) {
        return switch (outcome.result().getOutcomeCase()) {
            case LOCK_GRANTED -> Optional.of(new LockGrant(id, ttl, outcome.sentNanos()));
            case NOT_HOLDER -> Optional.empty();
            default ->
                throw Wire.unexpected(
                        "renew lock '" + id.name() + "'", outcome.result().getOutcomeCase());
        };
    }

    @Override
    public boolean release(LockId id) {
        return released(id, session.commands().call(releaseOperation(id)));
    }

    @Override
    public CompletableFuture<Boolean> releaseAsync(LockId id) {
        return deliver(
                session.commands().submitInTurn(releaseOperation(id)).thenApply(outcome -> released(id, outcome)));
    }

    private static Operation releaseOperation(LockId id) {
        ReleaseLock command = ReleaseLock.newBuilder()
                .setName(id.name())
                .setOwnerSession(id.session())
                .setHolder(id.holder())
                .setToken(id.token())
                .build();
        return new Operation("release lock '" + id.name() + "'", builder -> builder.setReleaseLock(command));
    }

    private static boolean released(LockId id, Outcome outcome) {
        return switch (outcome.result().getOutcomeCase()) {
            case LOCK_RELEASED -> true;
            case NOT_HOLDER -> false;
            default ->
                throw Wire.unexpected(
                        "release lock '" + id.name() + "'", outcome.result().getOutcomeCase());
        };
    }

    @Override
    public LockInfo show(String name) {
        return Failures.await(info(name), session.options().requestTimeout(), "show lock '" + name + "'");
    }

    @Override
    public CompletableFuture<LockInfo> showAsync(String name) {
        return deliver(info(name));
    }

    private CompletableFuture<LockInfo> info(String name) {
        String what = "show lock '" + name + "'";
        return session.read(
                        ReadConsistency.LINEARIZABLE,
                        query -> query.setGetLock(GetLock.newBuilder().setName(name)),
                        what)
                .thenApply(answer -> {
                    if (!answer.hasLockState()) {
                        throw Wire.unexpected(what, answer.getAnswerCase());
                    }
                    return LockWire.info(name, answer.getLockState(), what);
                });
    }

    @Override
    public List<LockInfo> list(String prefix) {
        List<LockInfo> locks = new ArrayList<>();
        String what = whatList(prefix);
        boolean more = true;
        while (more) {
            LockList page = Failures.await(
                    page(prefix, lastName(locks)), session.options().requestTimeout(), what);
            more = add(page, locks, what);
        }
        return locks;
    }

    @Override
    public CompletableFuture<List<LockInfo>> listAsync(String prefix) {
        return deliver(rest(prefix, new ArrayList<>()));
    }

    private CompletableFuture<List<LockInfo>> rest(String prefix, List<LockInfo> locks) {
        return page(prefix, lastName(locks))
                .thenCompose(page -> add(page, locks, whatList(prefix))
                        ? rest(prefix, locks)
                        : CompletableFuture.completedFuture(locks));
    }

    private CompletableFuture<LockList> page(String prefix, String afterName) {
        String what = whatList(prefix);
        return session.read(
                        ReadConsistency.LINEARIZABLE,
                        query -> query.setListLocks(
                                ListLocks.newBuilder().setPrefix(prefix).setAfterName(afterName)),
                        what)
                .thenApply(answer -> {
                    if (!answer.hasLockList()) {
                        throw Wire.unexpected(what, answer.getAnswerCase());
                    }
                    return answer.getLockList();
                });
    }

    private static String lastName(List<LockInfo> locks) {
        return locks.isEmpty() ? "" : locks.get(locks.size() - 1).name();
    }

    /** @return whether there is another page */
    private static boolean add(LockList page, List<LockInfo> locks, String what) {
        page.getLocksList().forEach(state -> locks.add(LockWire.info(state.getName(), state, what)));
        return page.getMore() && page.getLocksCount() > 0;
    }

    private static String whatList(String prefix) {
        return prefix.isEmpty() ? "list all locks" : "list locks '" + prefix + "…'";
    }

    @Override
    public LockWatch watch(String name, LockListener listener) {
        return LockWatchLoop.start(session, name, listener);
    }

    private static String what(String name) {
        return "acquire lock '" + name + "'";
    }
}
