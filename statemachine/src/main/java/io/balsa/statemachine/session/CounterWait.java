package io.balsa.statemachine.session;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.AwaitCounter;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.GetCounter;
import io.balsa.statemachine.proto.Query;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One wait for a counter to come down to a value: looks once, then has the cluster tell, asking again when a server was asked
 * for long enough or did not answer, and looks once more when its time is over. The cluster keeps nothing of it, so there is
 * nothing to give back.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class CounterWait implements ClientSession.Dependent {
    /** After a wait that failed at once: as long as a server may need to find its leader. */
    private static final long AGAIN_MILLIS = 50;

    private final ClientSession session;
    private final CounterKind kind;
    private final String name;
    private final long limit;
    private final String what;
    private final long deadlineNanos;
    private final CompletableFuture<Boolean> result = new CompletableFuture<>();

    private Runnable cancelDeadline = () -> {};
    private Runnable cancelRetry = () -> {};

    CounterWait(ClientSession session, CounterKind kind, String name, long limit, Duration wait) {
        this.session = session;
        this.kind = kind;
        this.name = name;
        this.limit = limit;
        this.what = "wait for counter '" + name + "'";
        this.deadlineNanos = session.runtime().nanoTime() + wait.toNanos();
    }

    /** Whether the counter was seen at the value or below in time. */
    CompletableFuture<Boolean> result() {
        return result;
    }

    void start() {
        session.addDependent(this);
        look(this::awaitUntilDeadline);
    }

    /** Reads the counter. A short wait is no reason to fail: this has the time of any other read. */
    private void look(Runnable whenNotReached) {
        GetCounter query = GetCounter.newBuilder().setKind(kind).setName(name).build();
        session.read(ReadConsistency.LINEARIZABLE, builder -> builder.setGetCounter(query), what)
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        finish(() -> result.completeExceptionally(Failures.ofRead(what, failure)));
                    } else if (!isReached(answer)) {
                        whenNotReached.run();
                    }
                });
    }

    /** The caller doesn't want it any more. */
    void cancel() {
        finish(() -> result.cancel(false));
    }

    @Override
    public void sessionEnded() {
        finish(() -> result.completeExceptionally(session.over(what)));
    }

    private boolean isReached(Answer answer) {
        if (!answer.hasCounterState()) {
            finish(() -> result.completeExceptionally(Wire.unexpected(what, answer.getAnswerCase())));
            return true;
        }
        if (answer.getCounterState().getValue() > limit) {
            return false;
        }
        finish(() -> result.complete(true));
        return true;
    }

    private void awaitUntilDeadline() {
        if (remainingNanos() == 0) {
            outOfTime();
            return;
        }
        synchronized (this) {
            // Nobody is told that it was in vain who was only cut off from the cluster.
            cancelDeadline = schedule(remainingNanos(), () -> look(this::outOfTime));
        }
        await();
    }

    private void await() {
        if (result.isDone() || remainingNanos() == 0) {
            return;
        }
        Consumer<Query.Builder> query = builder -> builder.setAwaitCounter(
                AwaitCounter.newBuilder().setKind(kind).setName(name).setAtMost(limit));
        long pollNanos =
                Math.min(remainingNanos(), session.options().requestTimeout().toNanos());
        long sentNanos = session.runtime().nanoTime();
        // Asked of the leader, which is the first to know.
        session.await(ReadConsistency.LINEARIZABLE, 0, query, Duration.ofNanos(pollNanos), what)
                .whenComplete((answer, failure) -> awaited(answer, failure, sentNanos));
    }

    private void awaited(Optional<Answer> answered, Throwable failure, long sentNanos) {
        if (failure != null) {
            long spentMillis = TimeUnit.NANOSECONDS.toMillis(session.runtime().nanoTime() - sentNanos);
            synchronized (this) {
                cancelRetry = schedule(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS - spentMillis), this::await);
            }
        } else if (answered.isEmpty() || !isReached(answered.get())) {
            await();
        }
    }

    private void outOfTime() {
        finish(() -> result.complete(false));
    }

    private void finish(Runnable completion) {
        completion.run();
        session.removeDependent(this);
        synchronized (this) {
            cancelDeadline.run();
            cancelRetry.run();
        }
    }

    private Runnable schedule(long delayNanos, Runnable action) {
        // After the end of the session nothing is scheduled, and the session ends this as well.
        return result.isDone() ? () -> {} : session.runtime().schedule(Math.max(0, delayNanos), action);
    }

    private long remainingNanos() {
        return Math.max(0, deadlineNanos - session.runtime().nanoTime());
    }
}
