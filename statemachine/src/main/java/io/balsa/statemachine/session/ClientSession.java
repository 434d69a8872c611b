package io.balsa.statemachine.session;

import com.google.protobuf.ByteString;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.FormatVersions;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.CounterKind;
import io.balsa.statemachine.proto.OpenSession;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.Result;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session over a {@link RaftClient}: reads for the views, knows what depends on it, and ends it. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class ClientSession implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);
    private static final int NONCE_BYTES = 16;
    private static final String OPEN = "open a session";

    private final RaftClient client;
    private final Runnable closeClient;
    private final SessionOptions options;
    private final long id;
    private final SessionRuntime runtime;
    private final SessionLiveness liveness;
    private final SessionCommands commands;
    private final AtomicLong seenIndex = new AtomicLong();
    private final AtomicLong readIndex = new AtomicLong();
    private final Set<Dependent> dependents = Collections.synchronizedSet(new LinkedHashSet<>());
    private final List<SessionListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Locks locks;
    private final Locks directLocks;
    private final Services services = new SessionServices(this);
    private final KeyValues keyValues = new SessionKeyValues(this);
    private final Counters counters = new SessionCounters(this, CounterKind.COUNTER_KIND_ATOMIC_LONG);
    private final Counters latches = new SessionCounters(this, CounterKind.COUNTER_KIND_LATCH);
    private final Barriers barriers = new SessionBarriers(this);

    /** Something that can't go on without the session. */
    interface Dependent {
        /** The session is over, for a reason that is told in terms of what this was doing. */
        void sessionEnded();
    }

    private ClientSession(
            RaftClient client,
            Runnable closeClient,
            SessionOptions options,
            SessionRuntime runtime,
            long id,
            long openedNanos,
            long openedIndex) {
        this.client = client;
        this.closeClient = closeClient;
        this.options = options;
        this.id = id;
        this.runtime = runtime;
        this.liveness = new SessionLiveness(
                runtime,
                options.ttl().toNanos(),
                openedNanos,
                options.keepAlive(),
                this::keepAlive,
                this::stateChanged);
        this.commands = new SessionCommands(this, client, options, runtime, liveness);
        SessionLocks ownLocks = new SessionLocks(this, runtime.callbacks());
        this.locks = ownLocks;
        this.directLocks = ownLocks.completedOn(runtime.direct());
        seen(openedIndex);
    }

    /**
     * Opens a session.
     *
     * @param closeClient called when the session ends, also when it could not be opened
     */
    static ClientSession open(RaftClient client, Runnable closeClient, SessionOptions options, SessionRuntime runtime) {
        CompletableFuture<ClientSession> opening = opening(client, closeClient, options, runtime);
        boolean opened = false;
        try {
            ClientSession session = Failures.await(opening, options.requestTimeout(), OPEN);
            opened = true;
            return session;
        } finally {
            if (!opened) {
                closeClient.run();
                opening.thenAccept(ClientSession::detach); // The caller was interrupted, and it came all the same.
            }
        }
    }

    /**
     * Opens a session, in time.
     *
     * @param closeClient called when the session ends, also when it could not be opened
     * @return completed where the client completes its futures
     */
    static CompletableFuture<ClientSession> openAsync(
            RaftClient client, Runnable closeClient, SessionOptions options, SessionRuntime runtime) {
        CompletableFuture<ClientSession> opening = opening(client, closeClient, options, runtime);
        opening.whenComplete((session, failure) -> {
            if (failure != null) {
                closeClient.run();
            }
        });
        return opening;
    }

    private static CompletableFuture<ClientSession> opening(
            RaftClient client, Runnable closeClient, SessionOptions options, SessionRuntime runtime) {
        Command.Builder command = Command.newBuilder()
                .setOpenSession(OpenSession.newBuilder()
                        .setTtlMillis(options.ttl().toMillis())
                        .setNonce(ByteString.copyFrom(runtime.nonce(NONCE_BYTES)))
                        .setClientName(options.clientName()));
        byte[] bytes =
                command.setVersion(FormatVersions.neededBy(command)).build().toByteArray();
        long sentNanos = runtime.nanoTime();
        return client.propose(bytes, options.requestTimeout(), true).handle((applied, failure) -> {
            if (failure != null) {
                throw Failures.ofCommand(OPEN, failure);
            }
            long id = opened(applied);
            runtime.begin(id);
            ClientSession session =
                    new ClientSession(client, closeClient, options, runtime, id, sentNanos, applied.index());
            session.liveness.start();
            return session;
        });
    }

    private static long opened(ClientResponse.Applied applied) {
        Result result = Wire.result(applied.result(), OPEN);
        if (result.hasError()) {
            throw Failures.ofRefusal(OPEN, result.getError());
        }
        if (!result.hasSessionOpened()) {
            throw Wire.unexpected(OPEN, result.getOutcomeCase());
        }
        return result.getSessionOpened().getSession();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SessionOptions options() {
        return options;
    }

    @Override
    public SessionState state() {
        return liveness.state();
    }

    @Override
    public long lastSeenIndex() {
        return seenIndex.get();
    }

    @Override
    public Duration remaining() {
        return Duration.ofNanos(liveness.remainingNanos());
    }

    @Override
    public Locks locks() {
        return locks;
    }

    @Override
    public Locks directLocks() {
        return directLocks;
    }

    @Override
    public Executor gathering(Executor target) {
        return runtime.gathering(target);
    }

    @Override
    public Services services() {
        return services;
    }

    @Override
    public KeyValues keyValues() {
        return keyValues;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Counters latches() {
        return latches;
    }

    @Override
    public Barriers barriers() {
        return barriers;
    }

    @Override
    public Registration addListener(SessionListener listener) {
        liveness.withState(state -> {
            listeners.add(listener);
            runtime.events().execute(() -> tell(listener, state));
        });
        return () -> listeners.remove(listener);
    }

    @Override
    public void detach() {
        end(false);
    }

    @Override
    public void close() {
        end(true);
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        if (!ended.compareAndSet(false, true)) {
            closed.complete(null);
            return closed;
        }
        boolean alive = liveness.close();
        endDependents();
        CompletableFuture<?> sent = alive ? commands.close() : CompletableFuture.completedFuture(null);
        // Not where the client completes its futures: it is closed here.
        sent.whenComplete((done, failure) -> runtime.callbacks().execute(() -> {
            closeClient.run();
            runtime.end();
            closed.complete(null);
        }));
        return closed;
    }

    private void end(boolean atTheCluster) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        boolean alive = liveness.close();
        endDependents();
        if (alive && atTheCluster) {
            try {
                Failures.await(commands.close(), options.requestTimeout(), closing());
            } catch (RequestException e) {
                LOG.info("nobody waits for the end of session {} at the cluster: {}", id, e.getMessage());
            }
        }
        closeClient.run();
        runtime.end();
        try {
            runtime.awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What an end at the cluster is called. */
    String closing() {
        return "close session " + id;
    }

    // ---- for the views ---------------------------------------------------------------------------------------------

    SessionCommands commands() {
        return commands;
    }

    SessionRuntime runtime() {
        return runtime;
    }

    /** A future for a caller, whose continuations run where the session calls back. */
    <T> CompletableFuture<T> deliver(CompletableFuture<T> internal) {
        return deliver(internal, runtime.callbacks());
    }

    /** A future for a caller, whose continuations run on this executor. */
    static <T> CompletableFuture<T> deliver(CompletableFuture<T> internal, Executor callbacks) {
        CompletableFuture<T> external = new CompletableFuture<>();
        internal.whenComplete((value, failure) -> callbacks.execute(() -> {
            if (failure == null) {
                external.complete(value);
            } else {
                external.completeExceptionally(Failures.unwrap(failure));
            }
        }));
        return external;
    }

    /** Reads what is there; {@code SESSION} reads see everything that this session has seen. */
    CompletableFuture<Answer> read(ReadConsistency consistency, Consumer<Query.Builder> query, String what) {
        if (liveness.state().isFinal()) {
            return CompletableFuture.failedFuture(notSent(what));
        }
        byte[] bytes = Wire.query(query);
        long minIndex = consistency == ReadConsistency.SESSION ? seenIndex.get() : 0;
        CompletableFuture<ClientResponse.Answer> answered =
                client.read(consistency, minIndex, bytes, options.requestTimeout());
        if (consistency == ReadConsistency.LOCAL) {
            answered = answered.thenCompose(answer -> neverBackwards(answer, bytes));
        }
        return answered.handle((answer, failure) -> {
            if (failure != null) {
                throw Failures.ofRead(what, failure);
            }
            return parsed(answer, what);
        });
    }

    /**
     * Waits for something to read.
     *
     * @param minIndex for {@code SESSION}: what the answer must have seen
     * @return empty when there was nothing in time
     */
    CompletableFuture<Optional<Answer>> await(
            ReadConsistency consistency, long minIndex, Consumer<Query.Builder> query, Duration timeout, String what) {
        if (liveness.state().isFinal()) {
            return CompletableFuture.failedFuture(notSent(what));
        }
        return client.await(consistency, minIndex, Wire.query(query), atLeastOneMilli(timeout))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw Failures.ofRead(what, failure);
                    }
                    return answer.map(there -> parsed(there, what));
                });
    }

    private Answer parsed(ClientResponse.Answer answer, String what) {
        seen(answer.appliedIndex());
        readIndex.accumulateAndGet(answer.appliedIndex(), Math::max);
        Answer parsed = Wire.answer(answer.answer(), what);
        if (parsed.hasError()) {
            throw Failures.ofRefusal(what, parsed.getError());
        }
        return parsed;
    }

    /** Another server may lag behind the one that answered before: what was read once stays read. */
    private CompletableFuture<ClientResponse.Answer> neverBackwards(ClientResponse.Answer answer, byte[] query) {
        long before = readIndex.get();
        return answer.appliedIndex() >= before
                ? CompletableFuture.completedFuture(answer)
                : client.read(ReadConsistency.SESSION, before, query, options.requestTimeout());
    }

    /** Has something told when the session is over; at once if it is. */
    void addDependent(Dependent dependent) {
        dependents.add(dependent);
        if (liveness.state().isFinal()) {
            dependents.remove(dependent);
            dependent.sessionEnded();
        }
    }

    void removeDependent(Dependent dependent) {
        dependents.remove(dependent);
    }

    /** Why something was not even begun. */
    RequestException notSent(String what) {
        return liveness.state() == SessionState.LOST
                ? new SessionExpiredException(what + " was not sent: session " + id
                        + " has ended, and its locks and services with it; open a new session")
                : new NotAppliedException(what + " was not sent: session " + id + " is closed; open a new one");
    }

    /** Why something that was begun can't be waited for any more. */
    RequestException cutOff(String what) {
        return liveness.state() == SessionState.LOST
                ? new SessionExpiredException(
                        what + " was not confirmed before session " + id
                                + " ended; it may have been applied until then, and never will be from now on; open a new session")
                : new OutcomeUnknownException(
                        what + " was not confirmed before session " + id + " was closed; read the state to find out");
    }

    /** Why something that ran does not go on. */
    RequestException over(String what) {
        return liveness.state() == SessionState.LOST
                ? new SessionExpiredException(
                        what + " ends: session " + id + " has ended; open a new one and begin again")
                : new NotAppliedException(what + " ends: session " + id + " is closed");
    }

    // ---- state -----------------------------------------------------------------------------------------------------

    /** An answer has shown the state up to this index. */
    void seen(long index) {
        seenIndex.accumulateAndGet(index, Math::max);
    }

    private CompletableFuture<?> keepAlive() {
        return commands.keepAlive();
    }

    /** Called under the lock of {@link SessionLiveness}: hands on, nothing else. */
    private void stateChanged(SessionState state) {
        if (state == SessionState.LOST) {
            LOG.warn("session {} is lost", id);
            runtime.schedule(0, this::endDependents);
        }
        for (SessionListener listener : listeners) {
            runtime.events().execute(() -> tell(listener, state));
        }
    }

    private void endDependents() {
        for (Dependent dependent : List.copyOf(dependents)) {
            if (dependents.remove(dependent)) {
                dependent.sessionEnded();
            }
        }
    }

    private void tell(SessionListener listener, SessionState state) {
        try {
            listener.onStateChanged(state);
        } catch (RuntimeException e) {
            LOG.error("a listener of session {} failed on {}", id, state, e);
        }
    }

    static Duration atLeastOneMilli(Duration duration) {
        return duration.toMillis() < 1 ? Duration.ofMillis(1) : duration;
    }
}
