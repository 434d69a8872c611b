package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.WatchServices;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for a service's changes after an index, tells them to the listener, and asks for what comes after; on a lane of its
 * own.
 *
 * <p>The next events are asked for when the last are told, so a slow listener holds nothing in memory. Any server can answer
 * each request, because the index says exactly what is wanted: so nothing is missed or told twice when servers fail.
 */
// What a continuation fails with is asked again.
@SuppressWarnings("FutureReturnValueIgnored")
final class WatchLoop implements ServiceWatch, ClientSession.Dependent {
    /** Instead of an index: begin with a list. */
    static final long FROM_A_LIST = -1;

    private static final Logger LOG = LoggerFactory.getLogger(WatchLoop.class);
    private static final int MAX_EVENTS = 1000;

    /** How long a server keeps a request that has no answer yet. */
    private static final Duration POLL = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ClientSession session;
    private final String name;
    private final String what;
    private final ServiceListener listener;
    private final SessionRuntime.Lane lane;
    private volatile long index;
    private volatile boolean closed;
    private volatile RequestException sessionEnd;
    private CompletableFuture<?> asking;
    private Duration pause = FIRST_PAUSE;
    private boolean askLeader;
    private boolean over;

    private WatchLoop(ClientSession session, String name, long index, ServiceListener listener) {
        this.session = session;
        this.name = name;
        this.what = name.isEmpty() ? "watch all services" : "watch service '" + name + "'";
        this.index = index;
        this.listener = listener;
        this.lane = session.runtime().watchLane(name);
    }

    static WatchLoop start(ClientSession session, String name, long index, ServiceListener listener) {
        WatchLoop watch = new WatchLoop(session, name, index, listener);
        session.addDependent(watch);
        watch.lane.execute(watch::step);
        return watch;
    }

    @Override
    public long index() {
        return Math.max(0, index);
    }

    @Override
    public void close() {
        closed = true;
        stopAsking();
        session.removeDependent(this);
    }

    @Override
    public void sessionEnded() {
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

    private boolean goesOn() {
        return !closed && sessionEnd == null;
    }

    /** Asks what is to be asked next, or ends. On the lane, as all that follows. */
    private void step() {
        if (over) {
            return;
        }
        try {
            if (!goesOn()) {
                end(sessionEnd);
            } else if (index == FROM_A_LIST) {
                list();
            } else {
                follow();
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
                listener.onEnd(cause);
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

    private void list() {
        // Whoever begins to watch after another's registration was acknowledged finds it in the list.
        ask(SessionServices.list(session, name, ReadConsistency.LINEARIZABLE), list -> {
            listener.onList(list);
            index = list.index();
        });
    }

    private void follow() {
        WatchServices query = WatchServices.newBuilder()
                .setName(name)
                .setAfterIndex(index)
                .setMaxEvents(MAX_EVENTS)
                .build();
        // A server that is cut off from the others hears of nothing and has nothing to say; the leader knows.
        ReadConsistency consistency = askLeader ? ReadConsistency.LINEARIZABLE : ReadConsistency.SESSION;
        ask(session.await(consistency, index, builder -> builder.setWatchServices(query), POLL, what), answer -> {
            askLeader = answer.isEmpty() && !askLeader;
            answer.ifPresent(this::tell);
        });
    }

    private void tell(Answer answer) {
        if (answer.hasCompacted()) {
            index = FROM_A_LIST;
            return;
        }
        for (io.balsa.statemachine.proto.ServiceEvent event :
                answer.getServiceEvents().getEventsList()) {
            if (!goesOn()) {
                return;
            }
            // All of the entries before this one's are told. One entry can make several events.
            index = Math.max(index, event.getIndex() - 1);
            listener.onEvent(Wire.serviceEvent(event));
        }
        index = Math.max(index, answer.getServiceEvents().getThroughIndex());
    }

    /** Takes the answer when it is there, and steps on; when there is none, asks again. */
    private <T> void ask(CompletableFuture<T> answer, Consumer<T> taker) {
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
        } else {
            if (goesOn()) {
                LOG.debug("{} of session {}: {}", what, session.id(), failure.getMessage());
            }
            stepAfterPause(session.runtime().nanoTime() - startNanos);
        }
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
