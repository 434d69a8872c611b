package io.balsa.lock.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node in the queue for a lock, of one session: created once, and deleted for certain.
 *
 * <p>When the answer to its creation is lost, it is looked for by its id, after a {@code sync}: by then the servers have either
 * created it or never will, since they refuse what is left of a connection that its session has moved away from. Its deletion
 * is repeated until it is certainly gone, or its session is. Thread-safe.
 */
// What becomes of a request is seen where it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class QueueNode {
    /**
     * A node that was created.
     *
     * @param name its own, without that of the lock
     * @param path where it is
     * @param token the transaction that created it
     * @param sentNanos the monotonic clock just before its creation was sent
     * @param listed the queue, as it was afterwards
     */
    record Created(String name, String path, long token, long sentNanos, CompletableFuture<List<String>> listed) {}

    private static final Logger LOG = LoggerFactory.getLogger(QueueNode.class);

    private final Requests requests;
    private final BackendRuntime runtime;
    private final LockPaths paths;
    private final String container;
    private final byte[] data;
    private final String id = QueueEntry.newId();
    private final CompletableFuture<Created> created = new CompletableFuture<>();
    private final CompletableFuture<Boolean> removed = new CompletableFuture<>();
    private final Backoff backoff = new Backoff();

    /** Whether something is under way that finds out whether the node exists. */
    private boolean creating;

    private boolean removing;
    private volatile boolean deletedAgain;
    private String path;

    QueueNode(Requests requests, BackendRuntime runtime, LockPaths paths, String container, byte[] data) {
        this.requests = requests;
        this.runtime = runtime;
        this.paths = paths;
        this.container = container;
        this.data = data;
    }

    String id() {
        return id;
    }

    /** Calls back once it was removed, or was never there. */
    void whenGone(Runnable listener) {
        removed.whenComplete((deleted, failure) -> listener.run());
    }

    /**
     * Creates it. Called once.
     *
     * @return fails when there is certainly no such node, with what ZooKeeper said; when its session expired, too
     */
    CompletableFuture<Created> create() {
        synchronized (this) {
            creating = true;
        }
        send();
        return created;
    }

    private void send() {
        long sentNanos = runtime.nanoTime();
        CompletableFuture<Requests.Node> answer = requests.createInQueue(container + "/" + QueueEntry.prefix(id), data);
        // Sent at once, and answered in this order: that saves waiting for an answer.
        CompletableFuture<List<String>> listed = requests.children(container);
        answer.whenComplete((node, failure) -> {
            if (failure == null) {
                exists(node, sentNanos, listed);
            } else if (Failures.isMissing(failure)) {
                ensureContainer();
            } else if (Failures.isUnanswered(failure)) {
                later(() -> search(sentNanos));
            } else {
                isNowhere(failure);
            }
        });
    }

    private void exists(Requests.Node node, long sentNanos, CompletableFuture<List<String>> listed) {
        boolean unwanted;
        synchronized (this) {
            creating = false;
            path = node.path();
            unwanted = removing;
        }
        String name = node.path().substring(container.length() + 1);
        created.complete(new Created(name, node.path(), node.zxid(), sentNanos, listed));
        if (unwanted) {
            delete();
        }
    }

    /** There is no such node, and never will be. */
    private void isNowhere(Throwable failure) {
        synchronized (this) {
            creating = false;
        }
        created.completeExceptionally(failure);
        removed.complete(false);
    }

    private void later(Runnable step) {
        long delayNanos;
        synchronized (this) {
            delayNanos = backoff.nextNanos();
        }
        runtime.schedule(delayNanos, step);
    }

    private synchronized boolean isUnwanted() {
        return removing;
    }

    /** The servers delete the nodes of locks that nobody wanted for a while. */
    private void ensureContainer() {
        if (isUnwanted()) {
            isNowhere(new KeeperException.NoNodeException(container));
            return;
        }
        requests.createContainer(container).whenComplete((done, failure) -> {
            if (failure == null) {
                send();
            } else if (Failures.isMissing(failure)) {
                ensureRoot();
            } else {
                failedBefore(failure);
            }
        });
    }

    private void ensureRoot() {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        for (String above : paths.rootAndAbove()) {
            last = requests.createPersistent(above);
        }
        // Some above may be there without the right to create them: the last one tells.
        last.whenComplete((done, failure) -> {
            if (failure == null) {
                ensureContainer();
            } else {
                failedBefore(failure);
            }
        });
    }

    /** What comes before the creation failed: so the node is not there. */
    private void failedBefore(Throwable failure) {
        if (Failures.isUnanswered(failure) && !isUnwanted()) {
            later(this::send);
        } else {
            isNowhere(failure);
        }
    }

    /** @param sentNanos just before its creation was sent */
    private void search(long sentNanos) {
        // Without the first the second would only tell what one server knows so far.
        CompletableFuture<List<String>> listed =
                requests.sync(container).thenCombine(requests.children(container), (synced, names) -> names);
        listed.whenComplete((names, failure) -> {
            if (failure == null) {
                Optional<QueueEntry> mine = QueueEntry.queue(names).stream()
                        .filter(entry -> entry.id().equals(id))
                        .findFirst();
                mine.ifPresentOrElse(entry -> found(entry, sentNanos, listed), this::sendAgain);
            } else if (Failures.isMissing(failure)) {
                sendAgain();
            } else if (Failures.isUnanswered(failure)) {
                later(() -> search(sentNanos));
            } else {
                cannotTell(failure, () -> search(sentNanos));
            }
        });
    }

    private void found(QueueEntry entry, long sentNanos, CompletableFuture<List<String>> listed) {
        requests.read(container + "/" + entry.name()).whenComplete((node, failure) -> {
            if (failure == null) {
                node.ifPresentOrElse(there -> exists(there, sentNanos, listed), this::sendAgain);
            } else if (Failures.isUnanswered(failure)) {
                later(() -> search(sentNanos));
            } else {
                cannotTell(failure, () -> search(sentNanos));
            }
        });
    }

    private void sendAgain() {
        if (isUnwanted()) {
            isNowhere(new KeeperException.NoNodeException(container));
        } else {
            send();
        }
    }

    private void cannotTell(Throwable failure, Runnable again) {
        if (Failures.isExpiry(failure) || !requests.isAlive()) {
            isNowhere(failure);
        } else {
            LOG.warn("the node {} can't be looked for in {}: {}", id, container, Failures.message(failure));
            later(again);
        }
    }

    /**
     * Deletes it, or what its creation may still bring about.
     *
     * @return completes when it is certainly gone or its session is, which may take as long as no server answers; false when
     *     that came about without its deletion
     */
    CompletableFuture<Boolean> remove() {
        boolean exists;
        synchronized (this) {
            if (removing) {
                return removed;
            }
            removing = true;
            exists = path != null;
            if (!exists && !creating) {
                removed.complete(false);
            }
        }
        if (exists) {
            delete();
        }
        return removed;
    }

    /** Deletes another node of the same id. */
    void removeTwin(QueueEntry twin) {
        LOG.warn("the node {} was created twice in {}; the other one is deleted", twin.name(), container);
        requests.delete(container + "/" + twin.name());
    }

    private void delete() {
        if (!requests.isAlive()) {
            removed.complete(false);
            return;
        }
        requests.delete(path).whenComplete((done, failure) -> {
            if (failure == null) {
                removed.complete(true);
            } else if (Failures.isMissing(failure)) {
                // An earlier deletion may have been applied without an answer.
                removed.complete(deletedAgain);
            } else if (Failures.isExpiry(failure)) {
                removed.complete(false);
            } else {
                if (Failures.isUnanswered(failure)) {
                    deletedAgain = true;
                } else {
                    LOG.warn("the node {} can't be deleted: {}", path, Failures.message(failure));
                }
                later(this::delete);
            }
        });
    }
}
