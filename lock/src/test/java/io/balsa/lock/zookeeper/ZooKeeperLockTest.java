package io.balsa.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.Capability;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockDescription;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.lock.contract.CuttableLine;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.SessionExpiredException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.DataTree;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What is special about locks of ZooKeeper, on three servers; what they have in common with others is in their contract. */
// Who waits in the background is given up with its client.
@SuppressWarnings("FutureReturnValueIgnored")
class ZooKeeperLockTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(40);

    @TempDir
    private static Path directory;

    private static ZooKeeperEnsemble ensemble;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String key;

    /** Locks over a client of their own. */
    private record Client(CuratorFramework curator, DistributedLock locks) {
        long session() throws Exception {
            return handle().getSessionId();
        }

        ZooKeeper handle() throws Exception {
            return curator.getZookeeperClient().getZooKeeper();
        }
    }

    @BeforeAll
    static void start() {
        ensemble = new ZooKeeperEnsemble(directory);
    }

    @AfterAll
    static void stop() {
        ensemble.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        key = test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private CuratorFramework curator(String address) {
        CuratorFramework curator = CuratorFrameworkFactory.builder()
                .connectString(address)
                .sessionTimeoutMs((int) SESSION_TIMEOUT.toMillis())
                .retryPolicy(new RetryOneTime(100))
                .ensembleTracker(false)
                .build();
        curator.start();
        return closing(curator);
    }

    private Client open() {
        return open(ensemble.address());
    }

    private Client open(String address) {
        return open(curator(address), ZooKeeperLockOptions.defaults());
    }

    private Client open(CuratorFramework curator, ZooKeeperLockOptions options) {
        return new Client(curator, closing(ZooKeeperLock.on(curator, options, LockOptions.defaults())));
    }

    private static CompletableFuture<Void> lossOf(LockLease lease) {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        lease.onLost(() -> lost.complete(null));
        return lost;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Waits, as the last in the queue. */
    private CompletableFuture<LockLease> queue(Client client, int place) {
        CompletableFuture<LockLease> waiting = client.locks().acquireAsync(key, LONG, PATIENCE);
        await().atMost(PATIENCE)
                .until(() -> client.locks().describe(key).waiters().size() == place);
        return waiting;
    }

    private List<String> nodes(Client client) throws Exception {
        return QueueEntry.queue(client.curator().getChildren().forPath("/balsa/locks/" + key)).stream()
                .map(entry -> "/balsa/locks/" + key + "/" + entry.name())
                .toList();
    }

    /** The sessions that watch a node, or the nodes below it, at whichever server. */
    private static Set<Long> watchers(String path) {
        Set<Long> sessions = new HashSet<>();
        ensemble.serving().forEach(server -> {
            DataTree tree = server.getZKDatabase().getDataTree();
            if (tree.getWatchesByPath().hasSessions(path)) {
                sessions.addAll(tree.getWatchesByPath().getSessions(path));
            }
        });
        return sessions;
    }

    @Test
    void saysWhatItCanDo() {
        DistributedLock locks = open().locks();
        for (Capability capability : Capability.values()) {
            assertThat(locks.supports(capability)).isEqualTo(capability != Capability.SERVER_TTL);
        }
    }

    @Test
    @Tag("case-76")
    void eachWaiterWatchesItsPredecessorAlone() throws Exception {
        Client holder = open();
        Client first = open();
        Client middle = open();
        Client last = open();
        LockLease held = holder.locks().acquire(key, LONG);
        CompletableFuture<LockLease> firstWaits = queue(first, 1);
        CompletableFuture<LockLease> middleWaits = queue(middle, 2);
        CompletableFuture<LockLease> lastWaits = queue(last, 3);
        List<String> nodes = nodes(holder);
        assertThat(nodes).hasSize(4);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(watchers(nodes.get(0))).containsExactly(first.session());
            assertThat(watchers(nodes.get(1))).containsExactly(middle.session());
            assertThat(watchers(nodes.get(2))).containsExactly(last.session());
        });
        assertThat(watchers(nodes.get(3))).isEmpty();
        assertThat(watchers("/balsa/locks/" + key)).as("the queue itself").isEmpty();

        middleWaits.cancel(false);
        // The watch of the one who gave up goes with the node that it is on; nobody listens to it.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(watchers(nodes.get(1))).contains(last.session()));
        assertThat(watchers(nodes.get(0))).as("not disturbed").containsExactly(first.session());
        assertThat(nodes(holder)).containsExactly(nodes.get(0), nodes.get(1), nodes.get(3));

        held.release();
        LockLease next = get(firstWaits);
        assertThat(next.token()).isGreaterThan(held.token());
        assertThat(lastWaits).isNotDone();
        next.release();
        assertThat(get(lastWaits).token()).isGreaterThan(next.token());
        assertThat(middleWaits).isCancelled();
        assertThat(middle.locks().metrics().acquired()).isZero();
    }

    private static void expire(ZooKeeper handle) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper second = new ZooKeeper(
                ensemble.address(),
                (int) SESSION_TIMEOUT.toMillis(),
                event -> {
                    if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                        connected.countDown();
                    }
                },
                handle.getSessionId(),
                handle.getSessionPasswd());
        assertThat(connected.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        second.close();
    }

    @Test
    @Tag("case-75")
    @Tag("case-67")
    void aSessionThatTheServersEndLosesItsLocksAndItsPlacesInQueues() throws Exception {
        Client one = open();
        Client two = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<Void> lost = lossOf(held);
        CompletableFuture<LockLease> waiting = queue(two, 1);
        CompletableFuture<LockLease> alsoOfOne = queue(one, 2);

        expire(one.handle());

        LockLease next = get(waiting);
        assertThat(next.token()).isGreaterThan(held.token());
        get(lost);
        assertThat(held.isValid()).isFalse();
        assertThat(held.renew(LONG)).isFalse();
        assertThat(held.release()).isFalse();
        assertThatThrownBy(() -> get(alsoOfOne))
                .hasCauseInstanceOf(SessionExpiredException.class)
                .hasMessageContaining("'" + key + "'");
        assertThat(next.isValid()).isTrue();

        CompletableFuture<LockLease> again = one.locks().acquireAsync(key, LONG, PATIENCE);
        await().atMost(PATIENCE)
                .until(() -> !two.locks().describe(key).waiters().isEmpty());
        assertThat(next.release()).isTrue();
        assertThat(get(again).token()).isGreaterThan(next.token());
    }

    @Test
    void anAcquisitionThatMeetsTheEndOfItsSessionGoesOnInTheNext() throws Exception {
        Client one = open();
        one.locks().acquire(key + "-before", LONG);
        long session = one.session();
        expire(one.handle());
        // The client may not know yet.
        LockLease held = get(one.locks().acquireAsync(key, LONG, PATIENCE));
        assertThat(held.isValid()).isTrue();
        assertThat(one.session()).isNotEqualTo(session);
        assertThat(one.curator().checkExists().forPath(held.id()).getEphemeralOwner())
                .isEqualTo(one.session());
    }

    @Test
    @Tag("case-67")
    void tokensGrowWhenTheQueueWasDeletedAndMadeAnew() throws Exception {
        Client one = open();
        LockLease first = one.locks().acquire(key, LONG);
        assertThat(first.release()).isTrue();
        one.curator().delete().forPath("/balsa/locks/" + key);
        LockLease second = one.locks().acquire(key, LONG);
        assertThat(second.id()).as("numbers begin anew").endsWith("-0000000000");
        assertThat(second.token()).isGreaterThan(first.token());
    }

    @Test
    @Tag("case-67")
    void survivesTheLeader() throws Exception {
        Client one = open();
        Client two = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<Void> lost = lossOf(held);
        CompletableFuture<LockLease> waiting = queue(two, 1);
        ensemble.stopLeader();
        try {
            await().atMost(PATIENCE).until(() -> renews(held));
            assertThat(held.isValid()).isTrue();
            assertThat(lost).isNotDone();
            assertThat(waiting).isNotDone();
            assertThat(two.locks().isLocked(key)).isTrue();
            assertThat(held.release()).isTrue();
            LockLease next = get(waiting);
            assertThat(next.token()).isGreaterThan(held.token());
            assertThat(next.release()).isTrue();
        } finally {
            ensemble.startAll();
        }
    }

    private static boolean renews(LockLease lease) {
        try {
            return lease.renew(LONG);
        } catch (RequestException e) {
            return false;
        }
    }

    @Test
    @Tag("case-75")
    @Tag("case-76")
    void aConnectionThatIsFoundAgainInTimeCostsNoLockAndNoPlace() throws Exception {
        CuttableLine line = closing(new CuttableLine(ensemble.ports()));
        Client one = open(line.ports().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
        Client two = open();
        String other = key + "-other";
        LockLease held = one.locks().acquire(key, LONG);
        LockLease heldByTwo = two.locks().acquire(other, LONG);
        CompletableFuture<Void> lost = lossOf(held);
        CompletableFuture<LockLease> waiting = one.locks().acquireAsync(other, LONG, PATIENCE);
        await().atMost(PATIENCE)
                .until(() -> two.locks().describe(other).waiters().size() == 1);
        long session = one.session();

        line.cut();
        // While the waiter is away: its watch is told when it is back.
        assertThat(heldByTwo.release()).isTrue();
        assertThat(two.locks().tryAcquire(key, LONG)).isEmpty();
        assertThat(waiting).isNotDone();
        line.restore();

        LockLease granted = get(waiting);
        assertThat(granted.token()).isGreaterThan(heldByTwo.token());
        assertThat(one.session()).isEqualTo(session);
        assertThat(renews(held)).isTrue();
        assertThat(lost).isNotDone();
        assertThat(held.release()).isTrue();
    }

    @Test
    void leavesNothingBehindInAClientOfSomebodyElses() throws Exception {
        Client one = open();
        Client two = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<LockLease> waiting = queue(two, 1);
        two.locks().close();
        assertThatThrownBy(() -> get(waiting)).hasCauseInstanceOf(NotAppliedException.class);
        assertThat(nodes(one)).hasSize(1);
        one.locks().close();
        assertThat(held.isValid()).isFalse();
        assertThat(nodes(two)).isEmpty();
        assertThat(two.curator().getState()).isEqualTo(CuratorFrameworkState.STARTED);
        Client three = open(two.curator(), ZooKeeperLockOptions.defaults());
        assertThat(three.locks().tryAcquire(key, LONG)).isPresent();
    }

    @Test
    void noticesThatSomebodyDeletedItsNode() throws Exception {
        Client one = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<Void> lost = lossOf(held);
        one.curator().delete().forPath(held.id());
        assertThat(held.renew(LONG)).isFalse();
        get(lost);
        assertThat(held.isValid()).isFalse();
        assertThat(one.locks().tryAcquire(key, LONG)).isPresent();
    }

    @Test
    void aWaiterWhoseNodeSomebodyDeletedQueuesAgain() throws Exception {
        Client one = open();
        Client two = open();
        Client three = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<LockLease> first = queue(two, 1);
        CompletableFuture<LockLease> second = queue(three, 2);
        one.curator().delete().forPath(nodes(one).get(1));
        held.release();
        get(second).release();
        assertThat(get(first).isValid()).isTrue();
    }

    @Test
    void tellsWhoHoldsAndWhoWaitsInOrder() {
        Client one = open(
                curator(ensemble.address()), ZooKeeperLockOptions.defaults().withOwner("the first"));
        Client two = open(
                curator(ensemble.address()), ZooKeeperLockOptions.defaults().withOwner("the second"));
        Client three = open();
        assertThat(one.locks().describe(key)).isEqualTo(new LockDescription(key, List.of(), List.of()));
        LockLease held = one.locks().acquire(key, LONG);
        queue(two, 1);
        queue(three, 2);
        LockDescription description = three.locks().describe(key);
        assertThat(description.holders()).singleElement().satisfies(holder -> {
            assertThat(holder.owner()).isEqualTo("the first");
            assertThat(holder.id()).isEqualTo(held.id());
            assertThat(holder.token()).hasValue(held.token());
            assertThat(holder.held()).isEmpty();
        });
        assertThat(description.waiters())
                .extracting(LockDescription.Waiter::owner)
                .containsExactly("the second", ZooKeeperLockOptions.defaults().owner());
    }

    @Test
    void keepsToTheNamespaceOfTheClientAndToItsRoot() throws Exception {
        Client plain = open();
        Client named = open(
                plain.curator().usingNamespace("shop"),
                ZooKeeperLockOptions.defaults().withRoot("/mine"));
        LockLease one = plain.locks().acquire(key, LONG);
        LockLease two = named.locks().acquire(key, LONG);
        assertThat(two.id()).startsWith("/shop/mine/" + key + "/");
        assertThat(plain.curator().checkExists().forPath(two.id()).getCzxid()).isEqualTo(two.token());
        assertThat(plain.curator().checkExists().forPath(two.id()).getEphemeralOwner())
                .isEqualTo(plain.session());
        assertThat(one.release()).isTrue();
        assertThat(two.isValid()).isTrue();
        plain.curator().close();
        assertThat(two.isValid()).as("its client was closed").isFalse();
        get(lossOf(two));
    }

    @Test
    void saysThatNoServerAnswers() {
        ZooKeeperLockOptions options = ZooKeeperLockOptions.defaults().withRequestTimeout(Duration.ofMillis(300));
        try (DistributedLock locks = ZooKeeperLock.connect("127.0.0.1:1", options, LockOptions.defaults())) {
            assertThatThrownBy(() -> locks.tryAcquire(key, LONG))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("'" + key + "'")
                    .hasMessageContaining("127.0.0.1:1");
            assertThatThrownBy(() -> locks.isLocked(key))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("127.0.0.1:1");
        }
    }

    @Test
    void refusesAClientThatWasNotStarted() {
        CuratorFramework client = CuratorFrameworkFactory.newClient(ensemble.address(), new RetryOneTime(100));
        assertThatThrownBy(() -> ZooKeeperLock.on(client))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("start()");
    }

    @Test
    void whoeverClosesTheClientLosesTheLocksBeforeTheyAreGivenToAnother() throws Exception {
        Client one = open();
        Client two = open();
        LockLease held = one.locks().acquire(key, LONG);
        CompletableFuture<Void> lost = lossOf(held);
        boolean[] believed = {true};
        CompletableFuture<Void> granted = queue(two, 1).thenAccept(next -> believed[0] = held.isValid());
        one.curator().close();
        get(granted);
        assertThat(believed[0]).isFalse();
        get(lost);
        assertThatThrownBy(() -> one.locks().isLocked(key))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> one.locks().tryAcquire(key, LONG))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void leavesNoThreadBehind() {
        Client one = open();
        one.locks().acquire(key, LONG);
        one.locks().close();
        one.curator().close();
        await().atMost(PATIENCE).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("balsa-zookeeper")));
    }
}
