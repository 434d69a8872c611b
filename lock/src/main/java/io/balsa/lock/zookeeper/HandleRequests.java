package io.balsa.lock.zookeeper;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;

/**
 * Requests over a handle of ZooKeeper's client. Not over Curator's builders: these repeat a request as the client's retry
 * policy says, also in a session that came after, and a lock is worth nothing unless it is known whose it is.
 *
 * <p>It watches with one watcher for all, which the client keeps once for each path: whoever loses interest leaves nothing
 * behind that lasts longer than the node.
 */
final class HandleRequests implements Requests, Watcher {
    private final ZooKeeper handle;
    private final List<ACL> acl;
    private final BooleanSupplier open;
    private final Runnable onExpiry;

    /** Who wants to know of a change of a node. */
    private final Map<String, Set<Runnable>> watching = new HashMap<>();

    /**
     * Makes requests over a handle.
     *
     * @param open whether the handle's owner goes on with it; otherwise its session is about to be ended
     * @param onExpiry called when the session has ended
     */
    HandleRequests(ZooKeeper handle, List<ACL> acl, BooleanSupplier open, Runnable onExpiry) {
        this.handle = handle;
        this.acl = acl;
        this.open = open;
        this.onExpiry = onExpiry;
    }

    @Override
    public boolean isAlive() {
        return open.getAsBoolean() && handle.getState().isAlive();
    }

    @Override
    public long timeoutNanos() {
        return TimeUnit.MILLISECONDS.toNanos(handle.getSessionTimeout());
    }

    private static <T> void complete(CompletableFuture<T> answer, int code, String path, Supplier<T> result) {
        if (code == Code.OK.intValue()) {
            answer.complete(result.get());
        } else {
            answer.completeExceptionally(KeeperException.create(Code.get(code), path));
        }
    }

    @Override
    public CompletableFuture<Node> createInQueue(String prefix, byte[] data) {
        CompletableFuture<Node> answer = new CompletableFuture<>();
        handle.create(
                prefix,
                data,
                acl,
                CreateMode.EPHEMERAL_SEQUENTIAL,
                (code, path, context, name, stat) ->
                        complete(answer, code, path, () -> new Node(name, stat.getCzxid(), data)),
                null);
        return answer;
    }

    @Override
    public CompletableFuture<Void> createContainer(String path) {
        return create(path, CreateMode.CONTAINER);
    }

    @Override
    public CompletableFuture<Void> createPersistent(String path) {
        return create(path, CreateMode.PERSISTENT);
    }

    private CompletableFuture<Void> create(String path, CreateMode mode) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        handle.create(
                path,
                new byte[0],
                acl,
                mode,
                (code, asked, context, name, stat) -> {
                    boolean there = code == Code.NODEEXISTS.intValue();
                    complete(answer, there ? Code.OK.intValue() : code, asked, () -> null);
                },
                null);
        return answer;
    }

    @Override
    public CompletableFuture<Void> delete(String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        handle.delete(path, -1, (code, asked, context) -> complete(answer, code, asked, () -> null), null);
        return answer;
    }

    @Override
    public CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        handle.getChildren(
                path,
                false,
                (int code, String asked, Object context, List<String> names) ->
                        complete(answer, code, asked, () -> names),
                null);
        return answer;
    }

    @Override
    public CompletableFuture<Optional<Node>> read(String path) {
        return read(path, null);
    }

    private CompletableFuture<Optional<Node>> read(String path, Watcher watcher) {
        CompletableFuture<Optional<Node>> answer = new CompletableFuture<>();
        handle.getData(
                path,
                watcher,
                (code, asked, context, data, stat) -> {
                    if (code == Code.NONODE.intValue()) {
                        answer.complete(Optional.empty());
                    } else {
                        complete(answer, code, asked, () -> Optional.of(new Node(asked, stat.getCzxid(), data)));
                    }
                },
                null);
        return answer;
    }

    @Override
    public CompletableFuture<Optional<Node>> watch(String path, Runnable changed) {
        synchronized (watching) {
            watching.computeIfAbsent(path, none -> new LinkedHashSet<>()).add(changed);
        }
        // Not by asking whether it exists: that would leave a watch where there will never be a node again.
        return read(path, this).whenComplete((node, failure) -> {
            if (failure != null || node.isEmpty()) {
                unwatch(path, changed);
            }
        });
    }

    @Override
    public void unwatch(String path, Runnable changed) {
        synchronized (watching) {
            watching.computeIfPresent(path, (same, all) -> all.remove(changed) && all.isEmpty() ? null : all);
        }
    }

    @Override
    public void process(WatchedEvent event) {
        if (event.getType() != Event.EventType.None) {
            Set<Runnable> told;
            synchronized (watching) {
                told = watching.remove(event.getPath());
            }
            if (told != null) {
                told.forEach(Runnable::run);
            }
        } else if (event.getState() == Event.KeeperState.Expired) {
            onExpiry.run();
        } else if (event.getState() == Event.KeeperState.Disconnected && forgetsWatches()) {
            Set<Runnable> told = new LinkedHashSet<>();
            synchronized (watching) {
                watching.values().forEach(told::addAll);
                watching.clear();
            }
            told.forEach(Runnable::run);
        }
    }

    /** Otherwise the client renews its watches itself when it is connected again, and tells of what it missed. */
    private boolean forgetsWatches() {
        return handle.getClientConfig().getBoolean(ZKClientConfig.DISABLE_AUTO_WATCH_RESET);
    }

    @Override
    public CompletableFuture<Void> sync(String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        handle.sync(path, (code, asked, context) -> complete(answer, code, asked, () -> null), null);
        return answer;
    }

    @Override
    public CompletableFuture<Void> confirm(String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        handle.multi(
                List.of(Op.check(path, -1)),
                (code, asked, context, results) -> complete(answer, code, path, () -> null),
                null);
        return answer;
    }
}
