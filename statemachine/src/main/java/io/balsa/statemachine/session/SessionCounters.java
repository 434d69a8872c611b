package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.AddToCounter;
import io.balsa.statemachine.proto.CompareAndSetCounter;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.CounterUpdated;
import io.balsa.statemachine.proto.GetCounter;
import io.balsa.statemachine.proto.UpdateCounter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** The counters of one kind as a {@link ClientSession} sees them. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionCounters implements Counters {
    private final ClientSession session;
    private final CounterKind kind;
    private final WaitLimit waits = new WaitLimit();

    SessionCounters(ClientSession session, CounterKind kind) {
        this.session = session;
        this.kind = kind;
    }

    @Override
    public CounterValue get(String name) {
        return get(name, ReadConsistency.LINEARIZABLE);
    }

    @Override
    public CounterValue get(String name, ReadConsistency consistency) {
        return Failures.await(read(name, consistency), session.options().requestTimeout(), reading(name));
    }

    @Override
    public CompletableFuture<CounterValue> getAsync(String name) {
        return getAsync(name, ReadConsistency.LINEARIZABLE);
    }

    @Override
    public CompletableFuture<CounterValue> getAsync(String name, ReadConsistency consistency) {
        return session.deliver(read(name, consistency));
    }

    private CompletableFuture<CounterValue> read(String name, ReadConsistency consistency) {
        GetCounter query = GetCounter.newBuilder().setKind(kind).setName(name).build();
        return session.read(consistency, builder -> builder.setGetCounter(query), reading(name))
                .thenApply(answer -> {
                    if (!answer.hasCounterState()) {
                        throw Wire.unexpected(reading(name), answer.getAnswerCase());
                    }
                    return new CounterValue(
                            answer.getCounterState().getValue(),
                            answer.getCounterState().getChangedIndex());
                });
    }

    private static String reading(String name) {
        return "get counter '" + name + "'";
    }

    @Override
    public CounterUpdate add(String name, long delta) {
        return call(adding(name, AddToCounter.newBuilder().setDelta(delta)));
    }

    @Override
    public CompletableFuture<CounterUpdate> addAsync(String name, long delta) {
        return submit(adding(name, AddToCounter.newBuilder().setDelta(delta)));
    }

    @Override
    public CounterUpdate add(String name, long delta, long floor) {
        return call(adding(
                name,
                AddToCounter.newBuilder().setDelta(delta).setHasFloor(true).setFloor(floor)));
    }

    @Override
    public CompletableFuture<CounterUpdate> addAsync(String name, long delta, long floor) {
        return submit(adding(
                name,
                AddToCounter.newBuilder().setDelta(delta).setHasFloor(true).setFloor(floor)));
    }

    private Operation adding(String name, AddToCounter.Builder change) {
        return update("add to counter '" + name + "'", name, command -> command.setAdd(change));
    }

    @Override
    public CounterUpdate set(String name, long value) {
        return call(setting(name, value));
    }

    @Override
    public CompletableFuture<CounterUpdate> setAsync(String name, long value) {
        return submit(setting(name, value));
    }

    private Operation setting(String name, long value) {
        return update("set counter '" + name + "'", name, command -> command.setSet(value));
    }

    @Override
    public CounterUpdate compareAndSet(String name, long expected, long newValue) {
        return call(comparing(name, expected, newValue));
    }

    @Override
    public CompletableFuture<CounterUpdate> compareAndSetAsync(String name, long expected, long newValue) {
        return submit(comparing(name, expected, newValue));
    }

    private Operation comparing(String name, long expected, long newValue) {
        return update(
                "compare-and-set counter '" + name + "'",
                name,
                command -> command.setCompareAndSet(
                        CompareAndSetCounter.newBuilder().setExpected(expected).setNewValue(newValue)));
    }

    @Override
    public boolean delete(String name) {
        return call(deleting(name)).before() != 0;
    }

    @Override
    public CompletableFuture<Boolean> deleteAsync(String name) {
        return session.deliver(session.commands()
                .submit(deleting(name))
                .thenApply(outcome -> updated(deleting(name), outcome).before() != 0));
    }

    private Operation deleting(String name) {
        return update("delete counter '" + name + "'", name, command -> command.setSet(0));
    }

    private Operation update(String what, String name, Consumer<UpdateCounter.Builder> change) {
        UpdateCounter.Builder command = UpdateCounter.newBuilder().setKind(kind).setName(name);
        change.accept(command);
        return new Operation(what, builder -> builder.setUpdateCounter(command));
    }

    private CounterUpdate call(Operation operation) {
        return updated(operation, session.commands().call(operation));
    }

    private CompletableFuture<CounterUpdate> submit(Operation operation) {
        return session.deliver(session.commands().submit(operation).thenApply(outcome -> updated(operation, outcome)));
    }

    private static CounterUpdate updated(Operation operation, Outcome outcome) {
        if (!outcome.result().hasCounterUpdated()) {
            throw Wire.unexpected(operation.what(), outcome.result().getOutcomeCase());
        }
        CounterUpdated updated = outcome.result().getCounterUpdated();
        return new CounterUpdate(updated.getBefore(), updated.getAfter(), updated.getApplied());
    }

    @Override
    public boolean awaitAtMost(String name, long limit, Duration wait) {
        CounterWait counterWait = begin(name, limit, wait);
        counterWait.start();
        try {
            return counterWait.result().get();
        } catch (ExecutionException e) {
            throw Failures.rethrown(e);
        } catch (InterruptedException e) {
            counterWait.cancel();
            Thread.currentThread().interrupt();
            throw Wire.withCause(
                    new NotAppliedException(waiting(name) + " was given up: the calling thread was interrupted"), e);
        }
    }

    @Override
    public CompletableFuture<Boolean> awaitAtMostAsync(String name, long limit, Duration wait) {
        CounterWait counterWait;
        try {
            counterWait = begin(name, limit, wait);
        } catch (NotAppliedException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Boolean> reached = session.deliver(counterWait.result());
        reached.whenComplete((value, failure) -> counterWait.cancel());
        counterWait.start();
        return reached;
    }

    private CounterWait begin(String name, long limit, Duration wait) {
        CounterWait counterWait = new CounterWait(session, kind, name, limit, wait);
        waits.enter(waiting(name), counterWait.result());
        return counterWait;
    }

    private static String waiting(String name) {
        return "wait for counter '" + name + "'";
    }
}
