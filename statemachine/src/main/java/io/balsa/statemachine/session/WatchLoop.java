package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for something again and again, one question at a time, and tells a listener what comes; on a lane of its own, until it
 * is closed, the session ends, or the listener fails.
 *
 * <p>The next question is asked when the last answer is told, so a slow listener holds nothing in memory.
 */
// What a continuation fails with is asked again.
@SuppressWarnings("FutureReturnValueIgnored")
abstract class WatchLoop implements ClientSession.Dependent {
    private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);

    /** How long a server keeps a request that has no answer yet. */
    static final Duration POLL = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ClientSession session;
    private final String what;
    private final SessionRuntime.Lane lane;
    private volatile boolean closed;
    private volatile RequestException sessionEnd;
    private CompletableFuture<?> asking;
    private Duration pause = FIRST_PAUSE;
    private boolean askLeader;
    private boolean over;

    /** @param what it does, in words, for error messages: {@code watch lock 'orders'} */
    WatchLoop(ClientSession session, String name, String what) {
        this.session = session;
        this.what = what;
        this.lane = session.runtime().watchLane(name);
    }

    /** Calls {@link #ask} once. */
    abstract void askNext();

    /** Tells the listener that nothing more is told. */
    abstract void tellEnd(RequestException cause);

    final ClientSession session() {
        return session;
    }

    final String what() {
        return what;
    }

    final void begin() {
        session.addDependent(this);
        lane.execute(this::step);
    }

    /** Ends it; the listener is not called any more, except for a call that is running. */
    public final void close() {
        closed = true;
        stopAsking();
        session.removeDependent(this);
    }

    @Override
    public final void sessionEnded() {
        sessionEnd = session.over(what);
        stopAsking();
    }

    private void stopAsking() {
        synchronized (this) {
            if (asking != null) {
                asking.cancel(false);
            }
        }
        lane.execute(this::step);
    }

    final boolean goesOn() {
        return !closed && sessionEnd == null;
    }

    /**
     * How to ask a server for what is not there yet. A server that is cut off from the others hears of nothing and has nothing
     * to say; so after a poll in vain it is the leader's turn, which knows.
     */
    final ReadConsistency consistency() {
        return askLeader ? ReadConsistency.LINEARIZABLE : ReadConsistency.SESSION;
    }

    /** A question that was asked with {@link #consistency} had an answer, or none in its time. */
    final void polled(boolean answered) {
        askLeader = !answered && !askLeader;
    }

    /** Asks what is to be asked next, or ends. On the lane, as all that follows. */
    private void step() {
        if (over) {
            return;
        }
        try {
            if (goesOn()) {
                askNext();
            } else {
                end(sessionEnd);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void end(RequestException cause) {
        over = true;
        session.removeDependent(this);
        try {
            if (!closed) {
                tellEnd(cause);
            }
        } catch (RuntimeException e) {
            LOG.error("{} of session {}: its listener failed at the end", what, session.id(), e);
        } finally {
            lane.close();
        }
    }

    private void fail(Throwable failure) {
        LOG.error("{} of session {} ends: its listener failed", what, session.id(), failure);
        end(Wire.withCause(new NotAppliedException(what + " ends: its listener failed with " + failure), failure));
    }

    /** Takes the answer when it is there, and steps on; when there is none, asks again. */
    final <T> void ask(CompletableFuture<T> answer, Consumer<T> taker) {
        long startNanos = session.runtime().nanoTime();
        synchronized (this) {
            asking = answer;
        }
        if (!goesOn()) {
            answer.cancel(false);
        }
        answer.whenComplete((value, failure) -> lane.execute(() -> answered(value, failure, startNanos, taker)));
    }

    private <T> void answered(T value, Throwable failure, long startNanos, Consumer<T> taker) {
        synchronized (this) {
            asking = null;
        }
        if (failure == null) {
            pause = FIRST_PAUSE;
            take(value, taker);
            return;
        }
        if (goesOn() && Failures.unwrap(failure) instanceof InvalidRequestException refused) {
            // It would be refused for ever.
            end(refused);
            return;
        }
        if (goesOn()) {
            LOG.debug("{} of session {}: {}", what, session.id(), failure.getMessage());
        }
        stepAfterPause(session.runtime().nanoTime() - startNanos);
    }

    private <T> void take(T value, Consumer<T> taker) {
        try {
            if (goesOn()) {
                taker.accept(value);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
            return;
        }
        step();
    }

    /** A question that failed at once is asked again a little later, one that nobody had an answer to at once. */
    private void stepAfterPause(long spentNanos) {
        long rest = pause.toNanos() - spentNanos;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        if (rest <= 0) {
            pause = FIRST_PAUSE;
        }
        if (rest <= 0 || !goesOn()) {
            step();
        } else {
            session.runtime().schedule(rest, () -> lane.execute(this::step));
        }
    }
}
