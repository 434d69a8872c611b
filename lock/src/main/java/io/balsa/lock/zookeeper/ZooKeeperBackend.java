package io.balsa.lock.zookeeper;

import io.balsa.lock.Capability;
import io.balsa.lock.LockDescription;
import io.balsa.lock.LockDescription.Holder;
import io.balsa.lock.LockDescription.Waiter;
import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.statemachine.session.Registration;
import io.balsa.statemachine.session.SessionExpiredException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;

/** The locks of a ZooKeeper ensemble. */
// What becomes of a request is seen where it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class ZooKeeperBackend implements LockBackend {
    static final String CLIENT_CLOSED = "the Curator client was closed; open locks on another";

    private static final Set<Capability> CAPABILITIES =
            Set.of(Capability.FENCING, Capability.FAIRNESS, Capability.MAJORITY, Capability.INSPECTION);

    /** Far from where the arithmetic of leases would end. */
    private static final Duration LONGEST_TTL = Duration.ofDays(3_650);

    private final CuratorFramework client;
    private final boolean ownsClient;
    private final ZooKeeperLockOptions options;
    private final BackendRuntime runtime;
    private final LockPaths paths;
    private final LockSessions sessions;
    private final byte[] data;

    /** By the paths of their nodes. */
    private final Map<String, HeldNode> held = new ConcurrentHashMap<>();

    private final Set<Acquisition> waiting = ConcurrentHashMap.newKeySet();

    /** What is still to be deleted. */
    private final Set<QueueNode> nodes = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    /** @param ownsClient whether the client is closed with this */
    ZooKeeperBackend(
            CuratorFramework client, boolean ownsClient, ZooKeeperLockOptions options, BackendRuntime runtime) {
        this.client = client;
        this.ownsClient = ownsClient;
        this.options = options;
        this.runtime = runtime;
        this.paths = new LockPaths(client.getNamespace(), options.root());
        this.sessions = new LockSessions(client, options, runtime, paths);
        this.data = options.owner().getBytes(StandardCharsets.UTF_8);
    }

    BackendRuntime runtime() {
        return runtime;
    }

    LockSessions sessions() {
        return sessions;
    }

    long requestTimeoutNanos() {
        return options.requestTimeout().toNanos();
    }

    /** A time to wait, bounded by what a number of nanoseconds can say. */
    static long nanos(Duration wait) {
        return TimeUnit.NANOSECONDS.convert(wait);
    }

    /** Where the servers are, for messages. */
    String servers() {
        return client.getZookeeperClient().getCurrentConnectionString();
    }

    QueueNode newNode(LockSession session, String container) {
        QueueNode node = new QueueNode(session.requests(), runtime, paths, container, data);
        nodes.add(node);
        node.whenGone(() -> nodes.remove(node));
        return node;
    }

    @Override
    public String name() {
        return "zookeeper";
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public CompletableFuture<Optional<Holding>> acquire(String key, Duration ttl, Duration wait) {
        checkTtl(key, ttl);
        Acquisition acquisition = new Acquisition(this, key, paths.container(key), ttl, wait);
        waiting.add(acquisition);
        CompletableFuture<Optional<Holding>> result = acquisition.begin();
        if (closed) {
            acquisition.fail(closedFailure());
        }
        return result;
    }

    private static void checkTtl(String key, Duration ttl) {
        if (ttl.compareTo(LONGEST_TTL) > 0) {
            throw new IllegalArgumentException("the ttl of lock '" + key + "' is " + ttl
                    + "; locks of ZooKeeper are kept for at most " + LONGEST_TTL.toDays() + " days");
        }
    }

    private static NotAppliedException closedFailure() {
        return new NotAppliedException("the locks of ZooKeeper are closed; open them anew");
    }

    void finished(Acquisition acquisition) {
        waiting.remove(acquisition);
    }

    void hold(HeldNode node) {
        held.put(node.path(), node);
        node.whenGone(() -> held.remove(node.path(), node));
    }

    /** It was granted to somebody who wants it no more. */
    void discard(HeldNode node) {
        node.release();
    }

    /** The node of a holding; empty when it is over. */
    private Optional<HeldNode> find(Holding holding) {
        return Optional.ofNullable(held.get(holding.id())).filter(node -> node.token() == holding.token());
    }

    @Override
    public CompletableFuture<Optional<Holding>> renew(Holding holding, Duration ttl) {
        checkTtl(holding.key(), ttl);
        Optional<HeldNode> found = find(holding).filter(node -> !node.isOver());
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        HeldNode node = found.get();
        CompletableFuture<Optional<Holding>> renewed = new CompletableFuture<>();
        RepeatedRead<Optional<Requests.Node>> read = new RepeatedRead<>(
                this,
                "the lock '" + holding.key() + "' was not renewed",
                () -> Optional.of(node.session()),
                true,
                requests -> requests.read(node.path()));
        read.begin().whenComplete((there, failure) -> {
            if (failure instanceof SessionExpiredException) {
                node.session().end("it expired");
                renewed.completeExceptionally(failure);
            } else if (failure != null) {
                renewed.completeExceptionally(failure);
            } else if (there.map(Requests.Node::zxid)
                    .filter(zxid -> zxid == node.token())
                    .isEmpty()) {
                // Somebody deleted it.
                node.end();
                renewed.complete(Optional.empty());
            } else {
                renewed.complete(
                        node.isOver() ? Optional.empty() : Optional.of(holding.renewed(ttl, read.sentNanos())));
            }
        });
        return renewed;
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        Optional<HeldNode> found = find(holding);
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        HeldNode node = found.get();
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        Runnable cancel = runtime.schedule(requestTimeoutNanos(), () -> runtime.callers()
                .execute(() -> released.completeExceptionally(new OutcomeUnknownException(
                        "the lock '" + holding.key() + "' may not be released yet: ZooKeeper at " + servers()
                                + " did not answer within " + options.requestTimeout()
                                + "; this is repeated until it does, or until the session is over"))));
        node.release().whenComplete((deleted, failure) -> {
            cancel.run();
            runtime.callers().execute(() -> released.complete(deleted));
        });
        return released;
    }

    @Override
    public void lapsed(Holding holding) {
        find(holding).ifPresent(this::discard);
    }

    @Override
    public Duration remaining(Holding holding) {
        return find(holding).map(HeldNode::remaining).orElse(Duration.ZERO);
    }

    @Override
    public Registration onEnd(Holding holding, Runnable listener) {
        Optional<HeldNode> found = find(holding);
        if (found.isEmpty()) {
            listener.run();
            return () -> {};
        }
        return found.get().onEnd(listener);
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        String container = paths.container(key);
        return read("whether the lock '" + key + "' is held is not known", requests -> queue(requests, container))
                .thenApply(queue -> !queue.isEmpty());
    }

    /** A queue as it is now: a server that lags behind the others catches up first. */
    private static CompletableFuture<List<QueueEntry>> queue(Requests requests, String container) {
        CompletableFuture<Void> synced = requests.sync(container);
        return synced.thenCombine(
                requests.children(container).handle((names, failure) -> {
                    if (failure == null) {
                        return QueueEntry.queue(names);
                    }
                    if (Failures.isMissing(failure)) {
                        return List.<QueueEntry>of();
                    }
                    throw Failures.completion(failure);
                }),
                (done, queue) -> queue);
    }

    private <T> CompletableFuture<T> read(String unknown, Function<Requests, CompletableFuture<T>> request) {
        return new RepeatedRead<>(this, unknown, sessions::current, false, request).begin();
    }

    @Override
    public CompletableFuture<LockDescription> describe(String key) {
        String container = paths.container(key);
        return read("who holds the lock '" + key + "' is not known", requests -> queue(requests, container)
                        .thenCompose(queue -> nodes(requests, container, queue)))
                .thenApply(queue -> description(key, queue));
    }

    private static CompletableFuture<List<Requests.Node>> nodes(
            Requests requests, String container, List<QueueEntry> queue) {
        CompletableFuture<List<Requests.Node>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (QueueEntry entry : queue) {
            all = all.thenCombine(requests.read(container + "/" + entry.name()), (nodes, node) -> {
                node.ifPresent(nodes::add);
                return nodes;
            });
        }
        return all;
    }

    /** The head of the queue holds it, or is about to learn so. ZooKeeper knows since when by its wall clock alone. */
    private static LockDescription description(String key, List<Requests.Node> queue) {
        if (queue.isEmpty()) {
            return new LockDescription(key, List.of(), List.of());
        }
        Requests.Node head = queue.get(0);
        Holder holder =
                new Holder(owner(head), head.path(), OptionalLong.of(head.zxid()), Optional.empty(), Optional.empty());
        List<Waiter> waiters =
                queue.stream().skip(1).map(node -> new Waiter(owner(node))).toList();
        return new LockDescription(key, List.of(holder), waiters);
    }

    private static String owner(Requests.Node node) {
        return new String(node.data(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(waiting).forEach(acquisition -> acquisition.fail(closedFailure()));
        held.values().forEach(this::discard);
        if (ownsClient) {
            // Which ends its session, and with it whatever nodes are left.
            closeClient();
        } else {
            awaitGone();
        }
        sessions.close();
    }

    /** A client of somebody else's goes on, and would keep what is left: that goes on being deleted, beyond this wait too. */
    private void awaitGone() {
        CompletableFuture<?>[] gone = nodes.stream().map(QueueNode::remove).toArray(CompletableFuture[]::new);
        CountDownLatch all = new CountDownLatch(1);
        CompletableFuture.allOf(gone).whenComplete((done, failure) -> all.countDown());
        await(all);
    }

    /** On a thread of its own: those for callers may be blocked by these. */
    private void closeClient() {
        CountDownLatch closing = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        client.close();
                    } finally {
                        closing.countDown();
                    }
                },
                "balsa-zookeeper-close");
        thread.setDaemon(true);
        thread.start();
        await(closing);
    }

    private void await(CountDownLatch latch) {
        boolean interrupted = false;
        long endNanos = runtime.nanoTime() + requestTimeoutNanos();
        while (true) {
            try {
                latch.await(endNanos - runtime.nanoTime(), TimeUnit.NANOSECONDS);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
