package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.ArriveAtBarrier;
import io.balsa.statemachine.proto.AwaitBarrier;
import io.balsa.statemachine.proto.AwaitedBarrier;
import io.balsa.statemachine.proto.BarrierArrived;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.LeaveBarrier;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One party at a barrier: arrives, waits for the others, and leaves again.
 *
 * <p>Whether it passed is for the cluster to say: a party whose time is over asks to leave, and may be told that it passed
 * before. What it has there, a place or the memory of its passing, it gives back in any case, unless the session ends, which
 * does so too. The arrival is sent until its outcome is known, since the others must not pass later with somebody who has given
 * up.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class BarrierArrival implements ClientSession.Dependent {
    /** After a request that failed at once: as long as a server may need to find its leader. */
    private static final long AGAIN_MILLIS = 50;

    private final ClientSession session;
    private final String name;
    private final int parties;
    private final long holder;
    private final String what;
    private final long deadlineNanos;
    private final CompletableFuture<OptionalLong> result = new CompletableFuture<>();

    private Phase phase = Phase.NOTHING;
    private long arrivedIndex;
    private Runnable cancelPatience = () -> {};
    private Runnable cancelDeadline = () -> {};
    private Runnable cancelRetry = () -> {};

    /** What the cluster may have of it. */
    private enum Phase {
        /** Nothing: not asked yet, or refused, or given back. */
        NOTHING,
        /** An arrival whose outcome is not known yet; nothing can be taken back before it is. */
        ASKED,
        /** A place at the barrier, or the memory that it passed. */
        ARRIVED,
        /** The same, and a request to forget it, whose outcome is not known yet. */
        LEAVING
    }

    /** @param holder a number that no other arrival of the session has */
    BarrierArrival(ClientSession session, String name, int parties, long holder, Duration wait) {
        this.session = session;
        this.name = name;
        this.parties = parties;
        this.holder = holder;
        this.what = "arrive at barrier '" + name + "'";
        this.deadlineNanos = session.runtime().nanoTime() + wait.toNanos();
    }

    /** The generation, or empty when the others did not come in time. */
    CompletableFuture<OptionalLong> result() {
        return result;
    }

    /** @param sequence the number of the first command */
    void start(long sequence) {
        session.addDependent(this);
        long patience = remainingNanos() + session.options().requestTimeout().toNanos();
        synchronized (this) {
            cancelPatience = schedule(patience, this::outOfTime);
            if (result.isDone()) {
                session.commands().abandon(sequence);
                return;
            }
            phase = Phase.ASKED;
        }
        ArriveAtBarrier command = ArriveAtBarrier.newBuilder()
                .setName(name)
                .setParties(parties)
                .setHolder(holder)
                .build();
        session.commands()
                .settle(new Operation(what, builder -> builder.setArriveAtBarrier(command)), sequence)
                .whenComplete(this::asked);
    }

    /** The caller doesn't want it any more. */
    void cancel() {
        finish(() -> result.cancel(false));
    }

    @Override
    public void sessionEnded() {
        synchronized (this) {
            // The cluster forgets it with the session, so there is nothing to give back.
            phase = Phase.NOTHING;
        }
        finish(() -> result.completeExceptionally(session.cutOff(what)));
    }

    private void asked(Outcome outcome, Throwable failure) {
        if (failure != null) {
            synchronized (this) {
                // Settled: it was certainly refused, or the session is over. In any other case better take back too
                // much.
                phase = failure instanceof OutcomeUnknownException ? Phase.ARRIVED : Phase.NOTHING;
            }
            failed(failure);
            return;
        }
        synchronized (this) {
            phase = Phase.ARRIVED;
            arrivedIndex = outcome.index();
        }
        BarrierArrived arrived = outcome.result().getBarrierArrived();
        if (result.isDone()) {
            takeBack();
        } else if (!outcome.result().hasBarrierArrived()) {
            failed(Wire.unexpected(what, outcome.result().getOutcomeCase()));
        } else if (arrived.getPassed()) {
            passed(arrived.getGeneration());
        } else {
            synchronized (this) {
                cancelDeadline = schedule(remainingNanos(), this::leave);
            }
            await();
        }
    }

    private void await() {
        if (result.isDone()) {
            return;
        }
        AwaitBarrier query = AwaitBarrier.newBuilder()
                .setName(name)
                .setSession(session.id())
                .setHolder(holder)
                .build();
        long sentNanos = session.runtime().nanoTime();
        // Asked of the leader, which is the first to know.
        session.await(
                        ReadConsistency.LINEARIZABLE,
                        arrivedIndex,
                        builder -> builder.setAwaitBarrier(query),
                        session.options().requestTimeout(),
                        what)
                .whenComplete((answer, failure) -> awaited(answer, failure, sentNanos));
    }

    private void awaited(Optional<Answer> answered, Throwable failure, long sentNanos) {
        if (failure != null) {
            // Nobody answered. The place at the barrier is the cluster's to keep, so nothing is lost by asking again.
            long spentMillis = TimeUnit.NANOSECONDS.toMillis(session.runtime().nanoTime() - sentNanos);
            synchronized (this) {
                cancelRetry = schedule(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS - spentMillis), this::await);
            }
            return;
        }
        if (answered.isEmpty()) {
            await();
            return;
        }
        Answer answer = answered.get();
        AwaitedBarrier awaited = answer.getAwaitedBarrier();
        if (!answer.hasAwaitedBarrier()) {
            failed(Wire.unexpected(what, answer.getAnswerCase()));
        } else if (awaited.getPassed()) {
            passed(awaited.getGeneration());
        } else if (isThere()) {
            failed(gone());
        }
    }

    private synchronized boolean isThere() {
        return phase == Phase.ARRIVED;
    }

    private OutcomeUnknownException gone() {
        return new OutcomeUnknownException(what + ": the barrier does not know it any more, since session "
                + session.id() + " has ended there; nobody can tell whether it passed before");
    }

    private void passed(long generation) {
        finish(() -> result.complete(OptionalLong.of(generation)));
    }

    /** The time is over: it leaves, unless it passed before. */
    private void leave() {
        synchronized (this) {
            if (phase != Phase.ARRIVED) {
                return;
            }
            phase = Phase.LEAVING;
        }
        long sequence;
        try {
            sequence = session.commands().tryEnter(what);
        } catch (NotAppliedException e) {
            notLeft();
            return;
        }
        session.commands().settle(leaving(), sequence).whenComplete(this::left);
    }

    private void left(Outcome outcome, Throwable failure) {
        if (failure != null) {
            notLeft();
            return;
        }
        synchronized (this) {
            phase = Phase.NOTHING;
        }
        BarrierLeft left = outcome.result().getBarrierLeft();
        if (!outcome.result().hasBarrierLeft()) {
            failed(Wire.unexpected(what, outcome.result().getOutcomeCase()));
            return;
        }
        switch (left.getKind()) {
            case LEFT -> finish(() -> result.complete(OptionalLong.empty()));
            case PASSED -> passed(left.getGeneration());
            case NOT_THERE, UNRECOGNIZED -> failed(gone());
        }
    }

    private void notLeft() {
        synchronized (this) {
            if (phase != Phase.LEAVING) {
                return;
            }
            phase = Phase.ARRIVED;
            if (!result.isDone()) {
                cancelRetry.run();
                cancelDeadline = schedule(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS), this::leave);
                return;
            }
        }
        takeBack();
    }

    private Operation leaving() {
        LeaveBarrier command =
                LeaveBarrier.newBuilder().setName(name).setHolder(holder).build();
        return new Operation("leave barrier '" + name + "'", builder -> builder.setLeaveBarrier(command));
    }

    private void failed(Throwable failure) {
        RequestException cause =
                failure instanceof RequestException request ? request : Failures.ofCommand(what, failure);
        finish(() -> result.completeExceptionally(cause));
    }

    private void outOfTime() {
        finish(() -> result.completeExceptionally(new OutcomeUnknownException(
                what + " was not answered in time; if it waits there, it leaves as soon as the cluster answers; see"
                        + " whether the cluster is reachable")));
    }

    /** Ends it with a result, unless it has one; what the cluster has of it is given back. */
    private void finish(Runnable completion) {
        completion.run();
        session.removeDependent(this);
        synchronized (this) {
            cancelPatience.run();
            cancelDeadline.run();
            cancelRetry.run();
        }
        takeBack();
    }

    private void takeBack() {
        synchronized (this) {
            if (phase != Phase.ARRIVED) {
                return;
            }
            phase = Phase.NOTHING;
        }
        session.commands().insist(leaving());
    }

    private Runnable schedule(long delayNanos, Runnable action) {
        // After the end of the session nothing is scheduled, and the session ends this as well.
        return result.isDone() ? () -> {} : session.runtime().schedule(Math.max(0, delayNanos), action);
    }

    private long remainingNanos() {
        return Math.max(0, deadlineNanos - session.runtime().nanoTime());
    }
}
