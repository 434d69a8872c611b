package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ClientResponse;
import io.balsa.statemachine.FormatVersions;
import io.balsa.statemachine.proto.CloseSession;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.KeepAlive;
import io.balsa.statemachine.proto.Result;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Numbers the commands of a session, sends them, and settles what must not be left in doubt. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionCommands {
    private static final Logger LOG = LoggerFactory.getLogger(SessionCommands.class);
    private static final int MAX_UNDER_WAY = 512;
    private static final long SETTLE_AGAIN_MILLIS = 50;

    private final ClientSession session;
    private final RaftClient client;
    private final SessionOptions options;
    private final SessionRuntime runtime;
    private final SessionLiveness liveness;
    private final CommandWindow window = new CommandWindow(MAX_UNDER_WAY);

    SessionCommands(
            ClientSession session,
            RaftClient client,
            SessionOptions options,
            SessionRuntime runtime,
            SessionLiveness liveness) {
        this.session = session;
        this.client = client;
        this.options = options;
        this.runtime = runtime;
        this.liveness = liveness;
    }

    /** Sends a command and waits for its result, first for room if there are too many under way. */
    Outcome call(Operation operation) {
        long start = runtime.nanoTime();
        long sequence = enter(operation.what());
        long spent = runtime.nanoTime() - start;
        Duration rest = options.requestTimeout().minusNanos(spent);
        return Failures.await(send(operation, sequence, ClientSession.atLeastOneMilli(rest)), rest, operation.what());
    }

    /** Sends a command; fails at once if there are too many under way. */
    CompletableFuture<Outcome> submit(Operation operation) {
        long sequence = window.tryEnter();
        if (sequence == CommandWindow.FULL) {
            return CompletableFuture.failedFuture(tooMany(operation.what()));
        }
        return send(operation, sequence, options.requestTimeout());
    }

    /** Waits for room and takes a number. */
    long enter(String what) {
        try {
            long sequence = window.enter(options.requestTimeout().toNanos());
            if (sequence == CommandWindow.FULL) {
                throw tooMany(what);
            }
            return sequence;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Wire.withCause(
                    new NotAppliedException(what + " was not sent: the calling thread was interrupted"), e);
        }
    }

    /** Takes a number if there is room. */
    long tryEnter(String what) {
        long sequence = window.tryEnter();
        if (sequence == CommandWindow.FULL) {
            throw tooMany(what);
        }
        return sequence;
    }

    /** A number that was taken is not needed. */
    void abandon(long sequence) {
        window.leave(sequence);
    }

    /**
     * Sends a command again and again until its outcome is known or the session ends: for what must not be left in doubt.
     * It fails early only when it was certainly never applied.
     */
    CompletableFuture<Outcome> settle(Operation operation, long sequence) {
        Settling settling = new Settling(operation, sequence, false);
        settling.attempt();
        return settling.outcome;
    }

    /** Like {@link #settle}, as soon as there is room, and trying again also after it was certainly not applied. */
    void insist(Operation operation) {
        window.enterWhenFree(() -> true, sequence -> new Settling(operation, sequence, true).attempt());
    }

    /** Like {@link #submit}; if there are too many under way, waits for its turn, up to the request timeout. */
    CompletableFuture<Outcome> submitInTurn(Operation operation) {
        long free = window.tryEnter();
        if (free != CommandWindow.FULL) {
            return send(operation, free, options.requestTimeout());
        }
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        // Either it is sent or it is said not to be, also when its turn and the end of patience come together.
        AtomicBoolean decided = new AtomicBoolean();
        long deadlineNanos = runtime.nanoTime() + options.requestTimeout().toNanos();
        Runnable cancelPatience = runtime.schedule(options.requestTimeout().toNanos(), () -> {
            if (decided.compareAndSet(false, true)) {
                outcome.completeExceptionally(tooMany(operation.what()));
            }
        });
        enterInTurn(() -> decided.compareAndSet(false, true), sequence -> {
            cancelPatience.run();
            Duration rest = ClientSession.atLeastOneMilli(Duration.ofNanos(deadlineNanos - runtime.nanoTime()));
            send(operation, sequence, rest).whenComplete((result, failure) -> {
                if (failure == null) {
                    outcome.complete(result);
                } else {
                    outcome.completeExceptionally(failure);
                }
            });
        });
        return outcome;
    }

    /**
     * Takes a number as soon as there is room.
     *
     * @param wanted whether it is still needed when it is there; asked once, and the action runs if it is
     */
    void enterInTurn(BooleanSupplier wanted, LongConsumer action) {
        window.enterWhenFree(wanted, action);
    }

    /** Sends a command that does nothing else than put the session's end off. */
    CompletableFuture<?> keepAlive() {
        Operation operation = new Operation(
                "keep session " + session.id() + " alive",
                command -> command.setKeepAlive(KeepAlive.getDefaultInstance()));
        long sequence = window.tryEnter();
        if (sequence == CommandWindow.FULL) {
            // Full of commands, each of which keeps it alive when it is answered.
            return CompletableFuture.completedFuture(null);
        }
        Duration timeout = options.ttl().dividedBy(3);
        return send(
                operation,
                sequence,
                ClientSession.atLeastOneMilli(
                        timeout.compareTo(options.requestTimeout()) < 0 ? timeout : options.requestTimeout()));
    }

    /** Tells the cluster that the session ends; completed normally in any case. */
    CompletableFuture<?> close() {
        Operation operation =
                new Operation(session.closing(), command -> command.setCloseSession(CloseSession.getDefaultInstance()));
        return client.propose(encode(operation, window.enterAnyway()), options.requestTimeout(), true)
                .handle((applied, failure) -> {
                    if (failure != null) {
                        LOG.info(
                                "session {} could not be closed ({}); it ends by itself in {}",
                                session.id(),
                                Failures.unwrap(failure).getMessage(),
                                options.ttl());
                    }
                    return null;
                });
    }

    private CompletableFuture<Outcome> send(Operation operation, long sequence, Duration timeout) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        if (liveness.state().isFinal()) {
            window.leave(sequence);
            outcome.completeExceptionally(session.notSent(operation.what()));
            return outcome;
        }
        ClientSession.Dependent dependent = () -> outcome.completeExceptionally(session.cutOff(operation.what()));
        session.addDependent(dependent);
        long sentNanos = runtime.nanoTime();
        client.propose(encode(operation, sequence), timeout, true).whenComplete((applied, failure) -> {
            session.removeDependent(dependent);
            window.leave(sequence);
            if (failure != null) {
                liveness.unanswered();
                outcome.completeExceptionally(Failures.ofCommand(operation.what(), failure));
            } else {
                complete(outcome, operation.what(), applied, sentNanos);
            }
        });
        return outcome;
    }

    private void complete(
            CompletableFuture<Outcome> outcome, String what, ClientResponse.Applied applied, long sentNanos) {
        try {
            session.seen(applied.index());
            Result result = Wire.result(applied.result(), what);
            if (result.hasError()) {
                RequestException refusal = Failures.ofRefusal(what, result.getError());
                if (refusal instanceof SessionExpiredException) {
                    liveness.expired();
                }
                outcome.completeExceptionally(refusal);
                return;
            }
            liveness.confirmed(sentNanos);
            outcome.complete(new Outcome(applied.index(), result, sentNanos));
        } catch (RequestException e) {
            outcome.completeExceptionally(e);
        }
    }

    /** A command that is sent until its outcome is known. */
    private final class Settling implements ClientSession.Dependent {
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        private final Operation operation;
        private final long sequence;
        private final boolean insist;
        private final byte[] command;
        private final long firstSentNanos = runtime.nanoTime();
        private boolean everUnknown;

        Settling(Operation operation, long sequence, boolean insist) {
            this.operation = operation;
            this.sequence = sequence;
            this.insist = insist;
            this.command = encode(operation, sequence);
            session.addDependent(this);
        }

        void attempt() {
            if (outcome.isDone()) {
                return;
            }
            client.propose(command, options.requestTimeout(), true).whenComplete((applied, failure) -> {
                if (failure == null) {
                    answered(applied);
                    return;
                }
                liveness.unanswered();
                everUnknown |= !(Failures.unwrap(failure) instanceof NotAppliedException);
                if (everUnknown || insist) {
                    again();
                } else {
                    finish(() -> outcome.completeExceptionally(Failures.ofCommand(operation.what(), failure)));
                }
            });
        }

        private void answered(ClientResponse.Applied applied) {
            switch (Wire.errorCode(applied.result())) {
                // Not remembered by the cluster, so only the same number has one effect.
                case TOO_MANY_OUTSTANDING -> again();
                case LIMIT -> {
                    finish(() -> complete(outcome, operation.what(), applied, firstSentNanos));
                    if (insist) {
                        // This number is used up.
                        later(() -> insist(operation));
                    }
                }
                default -> finish(() -> complete(outcome, operation.what(), applied, firstSentNanos));
            }
        }

        private void again() {
            if (!outcome.isDone()) {
                later(this::attempt);
            }
        }

        private void later(Runnable task) {
            runtime.schedule(TimeUnit.MILLISECONDS.toNanos(SETTLE_AGAIN_MILLIS), task);
        }

        private void finish(Runnable completion) {
            session.removeDependent(this);
            window.leave(sequence);
            completion.run();
        }

        @Override
        public void sessionEnded() {
            window.leave(sequence);
            outcome.completeExceptionally(session.cutOff(operation.what()));
        }
    }

    private byte[] encode(Operation operation, long sequence) {
        Command.Builder command = Command.newBuilder()
                .setSession(session.id())
                .setSequence(sequence)
                .setAcknowledged(window.acknowledged());
        operation.fill().accept(command);
        return command.setVersion(FormatVersions.neededBy(command)).build().toByteArray();
    }

    /** There was no room for it. */
    NotAppliedException tooMany(String what) {
        return new NotAppliedException(what + " was not sent: " + window.limit() + " commands of session "
                + session.id() + " are under way; wait for some of them");
    }
}
