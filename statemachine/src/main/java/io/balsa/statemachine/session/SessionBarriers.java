package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.GetBarrier;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The barriers as a {@link ClientSession} sees them. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionBarriers implements Barriers {
    private final ClientSession session;
    private final AtomicLong lastHolder = new AtomicLong();
    private final WaitLimit waits = new WaitLimit();

    SessionBarriers(ClientSession session) {
        this.session = session;
    }

    @Override
    public OptionalLong arrive(String name, int parties, Duration wait) {
        BarrierArrival arrival = begin(name, parties, wait);
        start(arrival, () -> session.commands().enter(what(name)));
        try {
            return arrival.result().get();
        } catch (ExecutionException e) {
            throw Failures.rethrown(e);
        } catch (InterruptedException e) {
            arrival.cancel();
            Thread.currentThread().interrupt();
            throw Wire.withCause(
                    new OutcomeUnknownException(what(name)
                            + " was given up: the calling thread was interrupted; it leaves unless it passed already"),
                    e);
        }
    }

    @Override
    public CompletableFuture<OptionalLong> arriveAsync(String name, int parties, Duration wait) {
        BarrierArrival arrival;
        try {
            arrival = begin(name, parties, wait);
            start(arrival, () -> session.commands().tryEnter(what(name)));
        } catch (NotAppliedException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<OptionalLong> external = session.deliver(arrival.result());
        external.whenComplete((generation, failure) -> arrival.cancel());
        return external;
    }

    private BarrierArrival begin(String name, int parties, Duration wait) {
        BarrierArrival arrival = new BarrierArrival(session, name, parties, lastHolder.incrementAndGet(), wait);
        waits.enter(what(name), arrival.result());
        return arrival;
    }

    private static void start(BarrierArrival arrival, LongSupplier number) {
        try {
            arrival.start(number.getAsLong());
        } catch (NotAppliedException e) {
            arrival.cancel();
            throw e;
        }
    }

    @Override
    public BarrierInfo show(String name) {
        return Failures.await(info(name), session.options().requestTimeout(), showing(name));
    }

    @Override
    public CompletableFuture<BarrierInfo> showAsync(String name) {
        return session.deliver(info(name));
    }

    private CompletableFuture<BarrierInfo> info(String name) {
        return session.read(
                        ReadConsistency.LINEARIZABLE,
                        query -> query.setGetBarrier(GetBarrier.newBuilder().setName(name)),
                        showing(name))
                .thenApply(answer -> {
                    if (!answer.hasBarrierState()) {
                        throw Wire.unexpected(showing(name), answer.getAnswerCase());
                    }
                    return new BarrierInfo(
                            name,
                            answer.getBarrierState().getParties(),
                            answer.getBarrierState().getWaiting());
                });
    }

    private static String what(String name) {
        return "arrive at barrier '" + name + "'";
    }

    private static String showing(String name) {
        return "show barrier '" + name + "'";
    }
}
