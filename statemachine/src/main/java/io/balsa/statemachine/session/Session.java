package io.balsa.statemachine.session;

import io.balsa.raft.client.RaftClient;
import io.balsa.raft.client.RequestException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A client's standing with the cluster: what it locked and registered is bound to it and vanishes with it.
 *
 * <p>The session lives as long as the cluster hears of it at least once in its time to live; it says so by itself. Every
 * command is numbered, so that trying again after a lost reply has one effect only.
 *
 * <p>Every blocking call is bounded by {@link SessionOptions#requestTimeout()} (plus the wait that the caller asks for) and
 * throws one of {@link RequestException}: {@link io.balsa.raft.client.NotAppliedException} (it certainly had no effect),
 * {@link io.balsa.raft.client.OutcomeUnknownException} (nobody can tell), {@link SessionExpiredException}. If the calling
 * thread is interrupted, the call throws {@code OutcomeUnknownException} (or gives up waiting for a lock) and leaves the
 * thread interrupted. Each has a twin named {@code …Async}, whose future is completed on a thread of the session, never on
 * one of Raft. What follows it there is short, or goes on elsewhere ({@code thenRunAsync}): it holds up the answers that come
 * after.
 *
 * <p>Thread-safe.
 */
public interface Session extends AutoCloseable {
    /**
     * Opens a session over the network, with the usual options.
     *
     * @param addresses the client addresses of one or more servers: {@code host:port,host:port}
     * @throws RequestException if no session could be opened within the request timeout
     */
    static Session connect(String addresses) {
        return connect(addresses, SessionOptions.defaults());
    }

    /**
     * Opens a session over the network.
     *
     * @param addresses the client addresses of one or more servers: {@code host:port,host:port}
     * @throws RequestException if no session could be opened within the request timeout
     * @throws IllegalArgumentException if the addresses are malformed
     */
    static Session connect(String addresses, SessionOptions options) {
        return SessionConnector.connect(addresses, options);
    }

    /**
     * Opens a session over a client that somebody else made and closes, after the session. The client may complete its
     * futures anywhere: the session does nothing there that takes long, and calls nobody else.
     *
     * @throws RequestException if no session could be opened within the request timeout
     */
    static Session over(RaftClient client, SessionOptions options) {
        return over(client, options, () -> {});
    }

    /**
     * Opens a session over a client.
     *
     * @param closeClient called when the session has ended, also when it could not be opened
     * @throws RequestException if no session could be opened within the request timeout
     */
    static Session over(RaftClient client, SessionOptions options, Runnable closeClient) {
        return ClientSession.open(client, closeClient, options, new SessionThreads(System::nanoTime, Optional.empty()));
    }

    /**
     * Opens a session over a client, whose time and threads are somebody else's: for simulations. Only the methods named
     * {@code …Async} may be used then, and {@link #detach}.
     *
     * @param closeClient called when the session has ended, also when it could not be opened
     * @return completed where the client completes its futures
     */
    static CompletableFuture<Session> overAsync(
            RaftClient client, SessionOptions options, Runnable closeClient, SessionRuntime runtime) {
        return ClientSession.openAsync(client, closeClient, options, runtime).thenApply(session -> session);
    }

    /** The number that the cluster gave it. */
    long id();

    /** How it was opened. */
    SessionOptions options();

    /** How it stands with the cluster. */
    SessionState state();

    /** The highest log index that an answer told of: {@code SESSION} reads see at least this. */
    long lastSeenIndex();

    /**
     * How long the session lives for certain, by this client's monotonic clock: its time to live from before the last
     * answered command was sent. Zero when it is lost or closed.
     */
    Duration remaining();

    /** The locks of the cluster. */
    Locks locks();

    /**
     * The same locks, for libraries that go on in a few steps and hand on what takes longer, to {@link #gathering}. Not for code
     * of applications.
     *
     * <p>Their futures complete on whichever thread knows the result, without another in between: mostly the only network
     * thread of the session; one of its timers, when time is over or the session is lost; one that closes the session; the
     * caller's own, before the call returns or when a step is added to a future that is done already. What follows there must
     * not block: for as long as it does the session neither hears from the cluster nor keeps itself alive, and a blocking call
     * of the same session there waits for an answer that only its own thread could bring.
     *
     * <p>Where others hear on that thread too, such as in a session in process, they are like those of {@link #locks}; so they
     * are unless a session knows better.
     */
    default Locks directLocks() {
        return locks();
    }

    /**
     * An executor that hands tasks on to another. What it gets on the session's network thread, from steps that follow
     * {@link #directLocks}, it hands on together when that thread is through with what it has read: so a thread is woken once
     * for all of it. What it gets on any other thread it hands on at once. Not for code of applications.
     *
     * <p>If the target does not take a task (its {@code execute} throws), one that came on another thread fails there, with what
     * the target threw. One that came on the network thread is logged and dropped, and the others go on: let the target be one
     * that takes everything for as long as somebody waits for its tasks. It must not run tasks itself that block, such as by
     * {@link java.util.concurrent.ThreadPoolExecutor.CallerRunsPolicy}: that would be on the session's only network thread.
     *
     * <p>Unless a session knows better it is the target itself.
     */
    default Executor gathering(Executor target) {
        return target;
    }

    /** The service registry of the cluster. */
    Services services();

    /** The key-values of the cluster. */
    KeyValues keyValues();

    /** The counters of the cluster. */
    Counters counters();

    /** The counts of the cluster's latches: counters with names of their own. */
    Counters latches();

    /** The barriers of the cluster. */
    Barriers barriers();

    /** Adds a listener; it is told the state at once, and every later one. */
    Registration addListener(SessionListener listener);

    /**
     * Leaves the session to itself: nothing is sent any more, and it ends at the cluster when its time to live is over,
     * or its locks are released by somebody who knows their {@link LockId}. For a process that ends before its lock does.
     */
    void detach();

    /** Like {@link #close()}, without waiting. The future is completed when the session has ended here. */
    CompletableFuture<Void> closeAsync();

    /**
     * Ends the session at the cluster, so that its locks are free and its services gone at once; if the cluster doesn't
     * answer within the request timeout, it is left to expire. Closing twice does nothing.
     */
    @Override
    void close();
}
