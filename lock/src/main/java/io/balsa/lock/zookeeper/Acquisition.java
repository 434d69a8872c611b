package io.balsa.lock.zookeeper;

import io.balsa.lock.backend.Holding;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.SessionExpiredException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One attempt to acquire a lock: a node in its queue, which waits for the one before it to go, and for no other. When it is at
 * the head, its session holds the lock.
 *
 * <p>Being at the head in any listing that a server gave after its creation is enough: that server had applied the creation,
 * so all earlier ones as well, and ZooKeeper numbers the nodes of a queue in the order in which it creates them. For the same
 * reason the transaction that created the node is a fencing token: whoever is granted later was created later.
 *
 * <p>Thread-safe.
 */
// What becomes of a request is seen where it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class Acquisition implements LockSession.Member {
    private enum State {
        /** It has no place in the queue yet, or it is not known. */
        ENTERING,
        /** It has a node. */
        QUEUED,
        /** Granted, given up or failed. */
        DONE
    }

    private final ZooKeeperBackend backend;
    private final BackendRuntime runtime;
    private final String key;
    private final String container;
    private final Duration ttl;
    private final Duration wait;
    private final CompletableFuture<Optional<Holding>> result = new CompletableFuture<>();
    private final Backoff backoff = new Backoff();
    private State state = State.ENTERING;
    private LockSession session;
    private QueueNode node;
    private QueueNode.Created created;
    private String watched;

    /** Whether it has seen that another holds the lock. */
    private boolean knowsPlace;

    private boolean waitIsOver;
    private Runnable cancelWait = () -> {};
    private Runnable cancelRequest = () -> {};

    /** Identity counts: it is registered under it. */
    private final Runnable changed = this::list;

    Acquisition(ZooKeeperBackend backend, String key, String container, Duration ttl, Duration wait) {
        this.backend = backend;
        this.runtime = backend.runtime();
        this.key = key;
        this.container = container;
        this.ttl = ttl;
        this.wait = wait;
    }

    CompletableFuture<Optional<Holding>> begin() {
        synchronized (this) {
            cancelWait = runtime.schedule(ZooKeeperBackend.nanos(wait), this::waitOver);
            cancelRequest = runtime.schedule(backend.requestTimeoutNanos(), this::requestOver);
        }
        result.whenComplete((holding, failure) -> leave());
        if (backend.sessions().isConnected()) {
            enter();
        } else {
            runtime.callers().execute(this::enter);
        }
        return result;
    }

    private synchronized boolean isDone() {
        return state == State.DONE;
    }

    /** Takes a place in the queue, in the present session. */
    private void enter() {
        if (isDone()) {
            return;
        }
        if (!backend.sessions().isOpen()) {
            fail(notAcquired(ZooKeeperBackend.CLIENT_CLOSED));
            return;
        }
        Optional<LockSession> present = backend.sessions().current();
        if (present.isEmpty() || !present.get().join(this)) {
            later(() -> runtime.callers().execute(this::enter));
            return;
        }
        QueueNode entered = backend.newNode(present.get(), container);
        boolean done;
        synchronized (this) {
            done = state == State.DONE;
            if (!done) {
                session = present.get();
                node = entered;
                created = null;
            }
        }
        if (done) {
            present.get().leave(this);
            entered.remove();
        } else if (present.get().isOver()) {
            // Its end may have been told before it was known here.
            enterAnew(entered);
        } else {
            entered.create().whenComplete((place, failure) -> entered(entered, place, failure));
        }
    }

    private void entered(QueueNode entered, QueueNode.Created place, Throwable failure) {
        LockSession present;
        synchronized (this) {
            if (state != State.ENTERING || node != entered) {
                return;
            }
            present = session;
            if (failure == null) {
                created = place;
                state = State.QUEUED;
            }
        }
        if (failure == null) {
            present.answered(place.sentNanos());
            if (QueueEntry.parse(place.name()).filter(QueueEntry::isNearTheEnd).isPresent()) {
                fail(notAcquired(
                        "ZooKeeper's numbers for its queue are used up; leave the lock alone for some minutes, until"
                                + " the servers delete its node " + container + ", or delete it"));
                return;
            }
            place.listed().whenComplete((names, lost) -> listed(entered, place.sentNanos(), names, lost));
        } else if (Failures.isExpiry(failure) || !present.requests().isAlive()) {
            // Which tells this acquisition to enter anew, as all others of the session.
            present.end("it expired");
        } else {
            fail(notAcquired("ZooKeeper refused it: " + Failures.message(failure)));
        }
    }

    private void later(Runnable step) {
        long delayNanos;
        synchronized (this) {
            delayNanos = backoff.nextNanos();
        }
        runtime.schedule(delayNanos, step);
    }

    /** Looks for its place anew. */
    private void list() {
        QueueNode present;
        Requests requests;
        synchronized (this) {
            if (state != State.QUEUED) {
                return;
            }
            present = node;
            requests = session.requests();
        }
        long sentNanos = runtime.nanoTime();
        requests.children(container).whenComplete((names, failure) -> listed(present, sentNanos, names, failure));
    }

    private void listed(QueueNode present, long sentNanos, List<String> names, Throwable failure) {
        QueueNode.Created place;
        synchronized (this) {
            if (state != State.QUEUED || node != present) {
                return;
            }
            place = created;
        }
        if (failure != null && !Failures.isMissing(failure)) {
            unanswered(failure);
            return;
        }
        List<QueueEntry> queue = failure == null ? QueueEntry.queue(names) : List.of();
        removeTwins(present, place, queue);
        int index = indexOf(place.name(), queue);
        if (index < 0) {
            // Somebody deleted the node.
            enterAnew(present);
        } else if (index == 0) {
            grant(sentNanos);
        } else {
            waitFor(container + "/" + queue.get(index - 1).name());
        }
    }

    /** Of a creation that was repeated there is one node; should there ever be another, it goes. */
    private void removeTwins(QueueNode present, QueueNode.Created place, List<QueueEntry> queue) {
        for (QueueEntry entry : queue) {
            if (entry.id().equals(present.id()) && !entry.name().equals(place.name())) {
                present.removeTwin(entry);
            }
        }
    }

    private static int indexOf(String name, List<QueueEntry> queue) {
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private void unanswered(Throwable failure) {
        if (Failures.isExpiry(failure)) {
            LockSession present;
            synchronized (this) {
                present = session;
            }
            if (present != null) {
                present.end("it expired");
            }
        } else if (Failures.isUnanswered(failure)) {
            later(this::list);
        } else {
            fail(notAcquired("its queue can't be read: " + Failures.message(failure)));
        }
    }

    private void enterAnew(QueueNode left) {
        LockSession present;
        synchronized (this) {
            if (state == State.DONE || node != left) {
                return;
            }
            present = session;
            session = null;
            node = null;
            state = State.ENTERING;
        }
        left.remove();
        present.leave(this);
        later(() -> runtime.callers().execute(this::enter));
    }

    private void waitFor(String predecessor) {
        boolean giveUp;
        Requests requests;
        synchronized (this) {
            if (state != State.QUEUED) {
                return;
            }
            knowsPlace = true;
            cancelRequest.run();
            giveUp = waitIsOver || wait.isZero();
            requests = session.requests();
            if (!giveUp) {
                watched = predecessor;
            }
        }
        if (giveUp) {
            giveUp();
            return;
        }
        requests.watch(predecessor, changed).whenComplete((there, failure) -> {
            if (failure != null) {
                unanswered(failure);
            } else if (there.isEmpty()) {
                list();
            }
        });
        if (isDone()) {
            requests.unwatch(predecessor, changed);
        }
    }

    private void grant(long sentNanos) {
        HeldNode held;
        synchronized (this) {
            if (state != State.QUEUED) {
                return;
            }
            held = new HeldNode(node, created, session);
            if (!session.join(held)) {
                // Its end is just being told, to this one too.
                return;
            }
            state = State.DONE;
            stop();
        }
        Holding holding = new Holding(key, held.path(), held.token(), ttl, sentNanos);
        backend.hold(held);
        runtime.callers().execute(() -> {
            if (!result.complete(Optional.of(holding))) {
                backend.discard(held);
            }
        });
    }

    private void waitOver() {
        boolean giveUp;
        synchronized (this) {
            waitIsOver = true;
            giveUp = knowsPlace && state != State.DONE;
        }
        if (giveUp) {
            giveUp();
        }
    }

    /** Gives an answer once the place is given back: whoever asks next does not find it in the way. */
    private void giveUp() {
        if (!abandon()) {
            return;
        }
        Runnable answer = () -> runtime.callers().execute(() -> result.complete(Optional.empty()));
        Runnable cancel = runtime.schedule(backend.requestTimeoutNanos(), answer);
        removeNode().whenComplete((gone, failure) -> {
            cancel.run();
            answer.run();
        });
    }

    private void requestOver() {
        synchronized (this) {
            if (knowsPlace) {
                return;
            }
        }
        fail(notAcquired("no server answered within " + Duration.ofNanos(backend.requestTimeoutNanos())
                + "; see whether a majority of them lives, or give it a longer request timeout"));
    }

    private NotAppliedException notAcquired(String reason) {
        return new NotAppliedException(
                "the lock '" + key + "' was not acquired from ZooKeeper at " + backend.servers() + ": " + reason);
    }

    /** Ends it without a lock. */
    void fail(RequestException failure) {
        if (abandon()) {
            removeNode();
            runtime.callers().execute(() -> result.completeExceptionally(failure));
        }
    }

    /** The caller has an answer, or wants none any more. */
    private void leave() {
        if (abandon()) {
            removeNode();
        }
        backend.finished(this);
    }

    /** @return whether it was not done yet, so that its node, which remains the same from now on, must go */
    private synchronized boolean abandon() {
        if (state == State.DONE) {
            return false;
        }
        state = State.DONE;
        stop();
        return true;
    }

    private CompletableFuture<Boolean> removeNode() {
        QueueNode left;
        synchronized (this) {
            left = node;
        }
        return left == null ? CompletableFuture.completedFuture(false) : left.remove();
    }

    private void stop() {
        cancelWait.run();
        cancelRequest.run();
        if (session != null) {
            session.leave(this);
            if (watched != null) {
                session.requests().unwatch(watched, changed);
            }
        }
    }

    @Override
    public void sessionEnded(String reason) {
        QueueNode entering;
        synchronized (this) {
            if (state == State.DONE || session == null) {
                return;
            }
            entering = state == State.ENTERING ? node : null;
        }
        if (entering != null) {
            enterAnew(entering);
        } else {
            fail(new SessionExpiredException("the session of ZooKeeper at " + backend.servers()
                    + " ended while lock '" + key + "' was waited for (" + reason
                    + "), and with it the place in the queue; acquire it anew, in a new session"));
        }
    }
}
