package io.balsa.lock.zookeeper;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** A server with one session, whose answers a test can lose, before or after the request was applied. */
final class FakeRequests implements Requests {
    /** What becomes of a request. */
    enum Fate {
        ANSWERED,
        /** It never arrived. */
        LOST,
        /** It was applied; its answer was lost. */
        APPLIED_UNANSWERED,
        /** It stays on its way until the test says otherwise. */
        HELD_BACK
    }

    static final long TIMEOUT_MILLIS = 8_000;

    private final Map<String, Node> nodes = new TreeMap<>();
    private final Deque<Fate> creations = new ArrayDeque<>();
    private final Deque<Fate> deletions = new ArrayDeque<>();
    private final List<Runnable> heldBack = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private boolean silent;
    private boolean alive = true;
    private int sequence;
    private long zxid = 100;

    /** What becomes of the next creations in a queue; later ones are answered. */
    void creations(Fate... fates) {
        creations.addAll(List.of(fates));
    }

    /** What becomes of the next deletions; later ones are answered. */
    void deletions(Fate... fates) {
        deletions.addAll(List.of(fates));
    }

    /** No request arrives. */
    void silence(boolean nowSilent) {
        silent = nowSilent;
    }

    /** Answers what was held back. */
    void letThrough() {
        List<Runnable> all = List.copyOf(heldBack);
        heldBack.clear();
        all.forEach(Runnable::run);
    }

    void expire() {
        alive = false;
        nodes.clear();
    }

    /** The nodes that there are, by their paths. */
    Map<String, Node> nodes() {
        return nodes;
    }

    /** What was asked for, in order. */
    List<String> log() {
        return log;
    }

    private <T> CompletableFuture<T> answer(Fate fate, String path, Supplier<T> effect) {
        if (!alive) {
            return failed(Code.SESSIONEXPIRED, path);
        }
        if (silent || fate == Fate.LOST) {
            return failed(Code.CONNECTIONLOSS, path);
        }
        if (fate == Fate.HELD_BACK) {
            CompletableFuture<T> later = new CompletableFuture<>();
            heldBack.add(() -> later.complete(effect.get()));
            return later;
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            answer.complete(effect.get());
        } catch (Missing e) {
            answer.completeExceptionally(KeeperException.create(Code.NONODE, path));
        }
        return fate == Fate.APPLIED_UNANSWERED ? failed(Code.CONNECTIONLOSS, path) : answer;
    }

    private static <T> CompletableFuture<T> failed(Code code, String path) {
        return CompletableFuture.failedFuture(KeeperException.create(code, path));
    }

    private static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Fate next(Deque<Fate> fates) {
        return fates.isEmpty() ? Fate.ANSWERED : fates.removeFirst();
    }

    private void require(String path) {
        if (!nodes.containsKey(path)) {
            throw new Missing();
        }
    }

    private static String above(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    private Node put(String path, byte[] data) {
        if (!above(path).isEmpty()) {
            require(above(path));
        }
        Node node = new Node(path, ++zxid, data);
        nodes.put(path, node);
        return node;
    }

    @Override
    public boolean isAlive() {
        return alive;
    }

    @Override
    public long timeoutNanos() {
        return TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
    }

    @Override
    public CompletableFuture<Node> createInQueue(String prefix, byte[] data) {
        log.add("create");
        return answer(next(creations), prefix, () -> {
            require(above(prefix));
            return put(prefix + String.format(Locale.ROOT, "%010d", sequence++), data);
        });
    }

    @Override
    public CompletableFuture<Void> createContainer(String path) {
        return createPersistent(path);
    }

    @Override
    public CompletableFuture<Void> createPersistent(String path) {
        return answer(Fate.ANSWERED, path, () -> {
            if (!nodes.containsKey(path)) {
                put(path, new byte[0]);
            }
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> delete(String path) {
        log.add("delete");
        return answer(next(deletions), path, () -> {
            require(path);
            nodes.remove(path);
            return null;
        });
    }

    @Override
    public CompletableFuture<List<String>> children(String path) {
        return answer(Fate.ANSWERED, path, () -> {
            require(path);
            return nodes.keySet().stream()
                    .filter(each -> above(each).equals(path))
                    .map(each -> each.substring(path.length() + 1))
                    .toList();
        });
    }

    @Override
    public CompletableFuture<Optional<Node>> read(String path) {
        return answer(Fate.ANSWERED, path, () -> Optional.ofNullable(nodes.get(path)));
    }

    @Override
    public CompletableFuture<Optional<Node>> watch(String path, Runnable changed) {
        throw new UnsupportedOperationException("nodes and sessions do not watch");
    }

    @Override
    public void unwatch(String path, Runnable changed) {
        throw new UnsupportedOperationException("nodes and sessions do not watch");
    }

    @Override
    public CompletableFuture<Void> sync(String path) {
        log.add("sync");
        return answer(Fate.ANSWERED, path, () -> null);
    }

    @Override
    public CompletableFuture<Void> confirm(String path) {
        log.add("confirm");
        return answer(Fate.ANSWERED, path, () -> null);
    }
}
