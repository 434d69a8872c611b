package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.WatchServices;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for a service's changes after an index, tells them to the listener, and asks for what comes after; on a thread of its
 * own.
 *
 * <p>The next events are asked for when the last are told, so a slow listener holds nothing in memory. Any server can answer
 * each request, because the index says exactly what is wanted: so nothing is missed or told twice when servers fail.
 */
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
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile long index;
    private volatile boolean closed;
    private volatile RequestException sessionEnd;
    private CompletableFuture<?> asking;
    private Duration pause = FIRST_PAUSE;
    private boolean askLeader;

    private WatchLoop(ClientSession session, String name, long index, ServiceListener listener) {
        this.session = session;
        this.name = name;
        this.what = name.isEmpty() ? "watch all services" : "watch service '" + name + "'";
        this.index = index;
        this.listener = listener;
    }

    static WatchLoop start(ClientSession session, String name, long index, ServiceListener listener) {
        WatchLoop watch = new WatchLoop(session, name, index, listener);
        session.addDependent(watch);
        Thread thread = new Thread(watch::run, "balsa-session-" + session.id() + "-watch-" + name);
        thread.setDaemon(true);
        thread.start();
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
        ended.countDown();
        synchronized (this) {
            if (asking != null) {
                asking.cancel(false);
            }
        }
    }

    private boolean goesOn() {
        return !closed && sessionEnd == null;
    }

    private void run() {
        try {
            while (goesOn()) {
                if (index == FROM_A_LIST) {
                    list();
                } else {
                    follow();
                }
            }
            if (!closed) {
                tellEnd(sessionEnd);
            }
        } catch (RuntimeException e) {
            LOG.error("{} of session {} ends: its listener failed", what, session.id(), e);
            tellEnd(Wire.withCause(new NotAppliedException(what + " ends: its listener failed with " + e), e));
        } finally {
            session.removeDependent(this);
        }
    }

    private void tellEnd(RequestException cause) {
        try {
            listener.onEnd(cause);
        } catch (RuntimeException e) {
            LOG.error("{} of session {}: its listener failed at the end", what, session.id(), e);
        }
    }

    private void list() {
        // Whoever begins to watch after another's registration was acknowledged finds it in the list.
        ask(() -> SessionServices.list(session, name, ReadConsistency.LINEARIZABLE))
                .ifPresent(list -> {
                    if (goesOn()) {
                        listener.onList(list);
                        index = list.index();
                    }
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
        ask(() -> session.await(consistency, index, builder -> builder.setWatchServices(query), POLL, what))
                .ifPresent(answer -> {
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

    /** The answer; empty when there was none, and it is to be asked again. */
    private <T> Optional<T> ask(Supplier<CompletableFuture<T>> question) {
        long startNanos = session.clock().nanoTime();
        CompletableFuture<T> answer = question.get();
        synchronized (this) {
            asking = answer;
        }
        if (!goesOn()) {
            return Optional.empty();
        }
        try {
            T answered = Failures.await(answer, POLL.plus(session.options().requestTimeout()), what);
            pause = FIRST_PAUSE;
            return Optional.of(answered);
        } catch (CancellationException e) {
            return Optional.empty();
        } catch (RequestException e) {
            LOG.debug("{} of session {}: {}", what, session.id(), e.getMessage());
            pauseUnlessSpent(session.clock().nanoTime() - startNanos);
            return Optional.empty();
        }
    }

    /** A question that failed at once is asked again a little later, one that nobody had an answer to at once. */
    private void pauseUnlessSpent(long spentNanos) {
        long rest = pause.toNanos() - spentNanos;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        if (rest <= 0) {
            pause = FIRST_PAUSE;
            return;
        }
        try {
            if (ended.await(rest, TimeUnit.NANOSECONDS)) {
                LOG.trace("{} of session {} ends", what, session.id());
            }
        } catch (InterruptedException e) {
            // Nobody but the listener's own code can interrupt this thread; it asks for the end.
            Thread.currentThread().interrupt();
            close();
        }
    }
}
