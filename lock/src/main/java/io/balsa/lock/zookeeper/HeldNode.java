package io.balsa.lock.zookeeper;

import io.balsa.statemachine.session.Registration;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A node at the head of its queue, whose owner holds the lock while its session is believed in. Thread-safe. */
final class HeldNode implements LockSession.Member {
    private final QueueNode node;
    private final QueueNode.Created created;
    private final LockSession session;
    private final Set<Runnable> listeners = new LinkedHashSet<>();
    private boolean over;
    private boolean lost;

    HeldNode(QueueNode node, QueueNode.Created created, LockSession session) {
        this.node = node;
        this.created = created;
        this.session = session;
    }

    /** Names this holding. */
    String path() {
        return created.path();
    }

    /** The transaction that created the node. */
    long token() {
        return created.token();
    }

    LockSession session() {
        return session;
    }

    synchronized boolean isOver() {
        return over;
    }

    Duration remaining() {
        return isOver() ? Duration.ZERO : session.remaining();
    }

    /** Calls back when it is over without having been released, at once if it is. */
    Registration onEnd(Runnable listener) {
        synchronized (this) {
            if (!over) {
                listeners.add(listener);
                return () -> forget(listener);
            }
        }
        listener.run();
        return () -> {};
    }

    private synchronized void forget(Runnable listener) {
        listeners.remove(listener);
    }

    /** Calls back once the node was deleted, or its session is over. */
    void whenGone(Runnable listener) {
        node.whenGone(listener);
    }

    @Override
    public void sessionEnded(String reason) {
        end();
    }

    /** Its owner must not believe in it any more; nor is the node wanted, if it is still there. */
    void end() {
        List<Runnable> told;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            lost = true;
            told = List.copyOf(listeners);
            listeners.clear();
        }
        session.leave(this);
        told.forEach(Runnable::run);
        discard();
    }

    /**
     * Its owner does without it. Doing so again has the same result, as it may have failed to learn of it.
     *
     * @return false when it was over before
     */
    CompletableFuture<Boolean> release() {
        synchronized (this) {
            if (lost) {
                return CompletableFuture.completedFuture(false);
            }
            over = true;
            listeners.clear();
        }
        session.leave(this);
        return node.remove();
    }

    // It is insisted on in the background.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void discard() {
        node.remove();
    }
}
