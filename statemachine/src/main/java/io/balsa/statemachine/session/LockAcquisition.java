package io.balsa.statemachine.session;

import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.AwaitLock;
import io.balsa.statemachine.proto.AwaitedLock;
import io.balsa.statemachine.proto.CancelAcquire;
import io.balsa.statemachine.proto.LockGranted;
import io.balsa.statemachine.proto.RenewLock;
import io.balsa.statemachine.proto.Result;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * One attempt to get a lock: asks for it, waits in the queue of the cluster, and gives back what nobody wants any more.
 *
 * <p>Whatever happens, exactly one of these comes true: the caller has the grant, or the holder is cancelled at the cluster
 * (which also takes back a lock that was granted meanwhile), or the session ends. The request itself is sent until its outcome
 * is known, since a lock must not be granted later to somebody who has given up.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class LockAcquisition implements ClientSession.Dependent {
    /** A wait is asked for anew after this part of the TTL, so that a server that was cut off costs no whole lease. */
    private static final int POLL_DIVISOR = 3;

    private static final long MIN_POLL_MILLIS = 100;

    /** After a wait that failed at once: as long as a server may need to find its leader. */
    private static final long AGAIN_MILLIS = 50;

    private final ClientSession session;
    private final LongSupplier holders;
    private final LockRequest request;
    private final String name;
    private final Duration ttl;
    private final String what;
    private final long deadlineNanos;
    private final CompletableFuture<Optional<LockGrant>> result = new CompletableFuture<>();

    private long holder;
    private Phase phase = Phase.NOTHING;
    private long askedNanos;
    private long queuedIndex;
    private Runnable cancelPatience = () -> {};
    private Runnable cancelWait = () -> {};
    private Runnable cancelRetry = () -> {};

    /** What the cluster may have of the present holder. */
    private enum Phase {
        /** Nothing: not asked yet, or refused, or given back. */
        NOTHING,
        /** A request whose outcome is not known yet; nothing can be taken back before it is. */
        ASKED,
        /** A place in the queue, or the lock. */
        ENTERED
    }

    /** @param holders gives a number that no handle of the session had before */
    LockAcquisition(ClientSession session, LongSupplier holders, LockRequest request) {
        this.session = session;
        this.holders = holders;
        this.request = request;
        this.name = request.name();
        this.ttl = request.ttl();
        this.what = "acquire lock '" + name + "'";
        this.deadlineNanos = session.runtime().nanoTime() + request.waitTime().toNanos();
    }

    /** The grant, or empty when the lock was not free in time. */
    CompletableFuture<Optional<LockGrant>> result() {
        return result;
    }

    /** @param number gives the first command its number, now or when its turn comes */
    void start(Consumer<LongConsumer> number) {
        session.addDependent(this);
        long patience = remainingNanos() + session.options().requestTimeout().toNanos();
        synchronized (this) {
            cancelPatience = schedule(patience, this::outOfTime);
        }
        number.accept(this::ask);
    }

    /** The caller doesn't want it any more. */
    void cancel() {
        finish(() -> result.cancel(false));
    }

    @Override
    public void sessionEnded() {
        synchronized (this) {
            // The cluster releases everything with the session, so there is nothing to give back.
            phase = Phase.NOTHING;
        }
        finish(() -> result.completeExceptionally(session.cutOff(what)));
    }

    private void ask(long sequence) {
        synchronized (this) {
            if (result.isDone()) {
                session.commands().abandon(sequence);
                return;
            }
            holder = holders.getAsLong();
            phase = Phase.ASKED;
            askedNanos = session.runtime().nanoTime();
        }
        AcquireLock command = LockWire.acquire(request, holder, remainingMillis());
        session.commands()
                .settle(new Operation(what, builder -> builder.setAcquireLock(command)), sequence)
                .whenComplete(this::asked);
    }

    private void asked(Outcome outcome, Throwable failure) {
        if (failure != null) {
            synchronized (this) {
                // Settled: it was certainly refused, or the session is over. In any other case better take back too
                // much.
                phase = failure instanceof OutcomeUnknownException ? Phase.ENTERED : Phase.NOTHING;
            }
            failed(failure);
            return;
        }
        Result answer = outcome.result();
        boolean entered = answer.hasLockGranted() || answer.hasLockQueued();
        synchronized (this) {
            phase = entered ? Phase.ENTERED : Phase.NOTHING;
            queuedIndex = outcome.index();
        }
        if (result.isDone()) {
            takeBack();
        } else if (answer.hasLockGranted()) {
            granted(answer.getLockGranted().getToken());
        } else if (answer.hasLockQueued()) {
            synchronized (this) {
                cancelWait = schedule(remainingNanos(), () -> finish(() -> result.complete(Optional.empty())));
            }
            await();
        } else if (answer.hasLockHeld()) {
            finish(() -> result.complete(Optional.empty()));
        } else {
            failed(Wire.unexpected(what, answer.getOutcomeCase()));
        }
    }

    private void await() {
        if (result.isDone()) {
            return;
        }
        AwaitLock query = AwaitLock.newBuilder()
                .setName(name)
                .setSession(session.id())
                .setHolder(holder)
                .build();
        long pollMillis = Math.max(MIN_POLL_MILLIS, ttl.toMillis() / POLL_DIVISOR);
        Duration poll = Duration.ofMillis(
                Math.min(pollMillis, session.options().requestTimeout().toMillis()));
        long sentNanos = session.runtime().nanoTime();
        // Asked of the leader, which is the first to know.
        session.await(ReadConsistency.LINEARIZABLE, queuedIndex, builder -> builder.setAwaitLock(query), poll, what)
                .whenComplete((answer, failure) -> awaited(answer, failure, sentNanos));
    }

    private void awaited(Optional<Answer> answered, Throwable failure, long sentNanos) {
        if (failure != null) {
            // Nobody answered. The place in the queue is the cluster's to keep, so nothing is lost by asking again.
            long spentMillis = TimeUnit.NANOSECONDS.toMillis(session.runtime().nanoTime() - sentNanos);
            retryAfter(AGAIN_MILLIS - spentMillis, this::await);
            return;
        }
        if (answered.isEmpty()) {
            await();
            return;
        }
        Answer answer = answered.get();
        if (!answer.hasAwaitedLock()) {
            failed(Wire.unexpected(what, answer.getAnswerCase()));
            return;
        }
        AwaitedLock awaited = answer.getAwaitedLock();
        if (awaited.getGranted()) {
            granted(awaited.getToken());
        } else {
            askAgain();
        }
    }

    /** It neither waits nor holds: its time is over, or it was granted and ran out before this client heard of it. */
    private void askAgain() {
        synchronized (this) {
            phase = Phase.NOTHING;
        }
        if (remainingMillis() == 0) {
            finish(() -> result.complete(Optional.empty()));
            return;
        }
        session.commands().enterInTurn(() -> !result.isDone(), this::ask);
    }

    /**
     * The lock was granted at some time after it was asked for, so it holds for its TTL from then at least. If much of that is
     * over, it is renewed first: the caller gets what he asked for.
     */
    private void granted(long token) {
        LockGrant grant = new LockGrant(new LockId(name, session.id(), holder, token), ttl, askedNanos);
        if (grant.remaining(session.runtime().nanoTime())
                        .compareTo(ttl.dividedBy(POLL_DIVISOR).multipliedBy(2))
                >= 0) {
            handOver(grant);
            return;
        }
        renew(token);
    }

    private void renew(long token) {
        if (result.isDone()) {
            return;
        }
        RenewLock command = RenewLock.newBuilder()
                .setName(name)
                .setHolder(holder)
                .setToken(token)
                .setTtlMillis(ttl.toMillis())
                .build();
        session.commands()
                .submit(new Operation(what, builder -> builder.setRenewLock(command)))
                .whenComplete((outcome, failure) -> {
                    if (failure instanceof SessionExpiredException) {
                        failed(failure);
                    } else if (failure != null) {
                        retryAfter(AGAIN_MILLIS, () -> renew(token));
                    } else if (outcome.result().hasLockGranted()) {
                        LockGranted renewed = outcome.result().getLockGranted();
                        handOver(new LockGrant(
                                new LockId(name, session.id(), holder, renewed.getToken()), ttl, outcome.sentNanos()));
                    } else {
                        askAgain();
                    }
                });
    }

    private void handOver(LockGrant grant) {
        synchronized (this) {
            if (phase != Phase.ENTERED) {
                return;
            }
            // It is the caller's, before he hears of it: what follows there may end this.
            phase = Phase.NOTHING;
        }
        if (!result.complete(Optional.of(grant))) {
            synchronized (this) {
                // Given up just now, by somebody who perhaps found nothing to take back.
                phase = Phase.ENTERED;
            }
        }
        finish(() -> {});
    }

    private void failed(Throwable failure) {
        RequestException cause =
                failure instanceof RequestException request ? request : Failures.ofCommand(what, failure);
        finish(() -> result.completeExceptionally(cause));
    }

    private void outOfTime() {
        boolean neverAsked;
        synchronized (this) {
            neverAsked = holder == 0;
        }
        if (neverAsked) {
            finish(() -> result.completeExceptionally(session.commands().tooMany(what)));
            return;
        }
        finish(() -> result.completeExceptionally(new OutcomeUnknownException(
                what + " was not answered in time; if it is granted it will be given back as"
                        + " soon as the cluster answers; see whether the cluster is reachable")));
    }

    /** Ends it with a result, unless it has one; what the cluster has for it is taken back, unless the caller got it. */
    private void finish(Runnable completion) {
        completion.run();
        session.removeDependent(this);
        synchronized (this) {
            cancelPatience.run();
            cancelWait.run();
            cancelRetry.run();
        }
        takeBack();
    }

    private void takeBack() {
        synchronized (this) {
            if (phase != Phase.ENTERED) {
                return;
            }
            phase = Phase.NOTHING;
        }
        CancelAcquire command =
                CancelAcquire.newBuilder().setName(name).setHolder(holder).build();
        session.commands()
                .insist(new Operation(
                        "give up waiting for lock '" + name + "'", builder -> builder.setCancelAcquire(command)));
    }

    private synchronized void retryAfter(long delayMillis, Runnable action) {
        cancelRetry = schedule(TimeUnit.MILLISECONDS.toNanos(delayMillis), action);
    }

    private Runnable schedule(long delayNanos, Runnable action) {
        // After the end of the session nothing is scheduled, and the session ends this as well.
        return result.isDone() ? () -> {} : session.runtime().schedule(Math.max(0, delayNanos), action);
    }

    private long remainingNanos() {
        return Math.max(0, deadlineNanos - session.runtime().nanoTime());
    }

    private long remainingMillis() {
        return TimeUnit.NANOSECONDS.toMillis(remainingNanos());
    }
}
