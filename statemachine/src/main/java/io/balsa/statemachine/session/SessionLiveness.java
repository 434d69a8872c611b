package io.balsa.statemachine.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Knows how a session stands by this client's own clock, and keeps it alive.
 *
 * <p>The cluster counts from when it applied the last command; this counts from before that command was sent, and gives up a
 * little early for the difference of the clocks. So the client never believes in a session that the cluster ended, unless
 * it is paused between asking and acting, which only a fencing token helps against.
 */
// A keep-alive that fails is followed by another.
@SuppressWarnings("FutureReturnValueIgnored")
final class SessionLiveness {
    /** After a keep-alive that failed, this part of the time to live passes before the next. */
    private static final long RETRY_DIVISOR = 20;

    private final SessionRuntime runtime;
    private final long ttlNanos;
    private final boolean keepAlive;
    private final Supplier<CompletableFuture<?>> sender;
    private final Consumer<SessionState> onState;

    private long confirmedNanos;
    private long attemptedNanos;
    private boolean sending;
    private Runnable cancelNext = () -> {};
    private SessionState state = SessionState.CONNECTED;

    /**
     * @param confirmedNanos when the command that opened the session was sent
     * @param keepAlive whether to send anything
     * @param sender sends a command that does nothing else than put the session's end off
     * @param onState told every change, in order, under a lock: must only hand it on
     */
    SessionLiveness(
            SessionRuntime runtime,
            long ttlNanos,
            long confirmedNanos,
            boolean keepAlive,
            Supplier<CompletableFuture<?>> sender,
            Consumer<SessionState> onState) {
        this.runtime = runtime;
        this.ttlNanos = ttlNanos;
        this.confirmedNanos = confirmedNanos;
        this.attemptedNanos = confirmedNanos;
        this.keepAlive = keepAlive;
        this.sender = sender;
        this.onState = onState;
    }

    synchronized void start() {
        reschedule();
    }

    synchronized SessionState state() {
        // The timer may be late; the answer must not.
        if (!state.isFinal() && runtime.nanoTime() - endNanos() >= 0) {
            move(SessionState.LOST);
        }
        return state;
    }

    /** For how much longer the session lives for certain. */
    synchronized long remainingNanos() {
        return state.isFinal() ? 0 : Math.max(0, endNanos() - runtime.nanoTime());
    }

    /** A command of the session that was sent at this time was applied. */
    synchronized void confirmed(long sentNanos) {
        if (state.isFinal()) {
            return;
        }
        if (sentNanos - confirmedNanos > 0) {
            confirmedNanos = sentNanos;
        }
        if (state() == SessionState.SUSPENDED) {
            move(SessionState.CONNECTED);
        }
    }

    /** A command of the session was not answered as it should. */
    synchronized void unanswered() {
        if (state() == SessionState.CONNECTED) {
            move(SessionState.SUSPENDED);
        }
    }

    /** The cluster says that the session is no more. */
    synchronized void expired() {
        if (!state.isFinal()) {
            move(SessionState.LOST);
        }
    }

    /**
     * The application has done with the session.
     *
     * @return whether it was alive
     */
    synchronized boolean close() {
        if (state().isFinal()) {
            return false;
        }
        move(SessionState.CLOSED);
        return true;
    }

    /** Tells the present state to somebody without missing or doubling a change. */
    synchronized void withState(Consumer<SessionState> action) {
        action.accept(state());
    }

    private void beat() {
        if (isKeepAliveDue()) {
            // Not inside: what follows an answer of another command may want to know how long the session lives.
            sender.get().whenComplete((done, failure) -> sent());
        }
    }

    private synchronized boolean isKeepAliveDue() {
        if (state().isFinal()) {
            return false;
        }
        boolean isDue = keepAlive && !sending && runtime.nanoTime() - keepAliveNanos() >= 0;
        if (isDue) {
            sending = true;
            attemptedNanos = runtime.nanoTime();
        }
        reschedule();
        return isDue;
    }

    private synchronized void sent() {
        sending = false;
        reschedule();
    }

    private void reschedule() {
        if (state.isFinal()) {
            return;
        }
        cancelNext.run();
        long now = runtime.nanoTime();
        long delay = endNanos() - now;
        if (keepAlive && !sending) {
            delay = Math.min(delay, keepAliveNanos() - now);
        }
        cancelNext = runtime.schedule(Math.max(delay, TimeUnit.MILLISECONDS.toNanos(1)), this::beat);
    }

    private void move(SessionState newState) {
        state = newState;
        if (newState.isFinal()) {
            cancelNext.run();
        }
        onState.accept(newState);
    }

    private long endNanos() {
        return confirmedNanos + ttlNanos - ttlNanos / LockGrant.DRIFT_DIVISOR;
    }

    private long keepAliveNanos() {
        long due = confirmedNanos + ttlNanos / 3;
        long again = attemptedNanos + ttlNanos / RETRY_DIVISOR;
        return due - again > 0 ? due : again;
    }
}
