package io.balsa.lock.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.Capability;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.HeldRun;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockNotAcquiredException;
import io.balsa.lock.LockOptions;
import io.balsa.lock.UnsupportedCapabilityException;
import io.balsa.lock.WhileHeld;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.RequestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/** What every {@link DistributedLock} keeps, whichever service is behind it: tried on real servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DistributedLockContract {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int CONTENDERS = 16;
    private static final int ROUNDS = 8;
    private static final int MANY = 1_000;
    private static final int STORM = 200;

    private final List<DistributedLock> opened = new ArrayList<>();
    private LockWorld world;

    /** Starts the servers. */
    protected abstract LockWorld newWorld();

    @BeforeAll
    void startWorld() {
        world = newWorld();
    }

    @AfterAll
    void endWorld() {
        if (world != null) {
            world.close();
        }
    }

    @AfterEach
    void closeClients() {
        opened.forEach(DistributedLock::close);
        opened.clear();
    }

    private DistributedLock open() {
        return open(LockOptions.defaults());
    }

    private DistributedLock openRenewing() {
        return open(LockOptions.defaults().withAutoRenew(true));
    }

    private DistributedLock open(LockOptions options) {
        DistributedLock client = world.open(options);
        opened.add(client);
        return client;
    }

    private static String key(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }

    private boolean fences() {
        return opened.get(0).supports(Capability.FENCING);
    }

    private static CompletableFuture<Void> lossOf(LockLease lease) {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        lease.onLost(() -> lost.complete(null));
        return lost;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void isHeldUntilItIsReleased(TestInfo test) {
        DistributedLock one = open();
        DistributedLock two = open();
        String key = key(test);
        assertThat(one.isLocked(key)).isFalse();
        LockLease lease = one.acquire(key, LONG);
        assertThat(lease.key()).isEqualTo(key);
        assertThat(lease.isValid()).isTrue();
        assertThat(lease.remaining()).isPositive().isLessThanOrEqualTo(LONG);
        assertThat(two.isLocked(key)).isTrue();
        assertThat(two.tryAcquire(key, LONG)).isEmpty();
        assertThatThrownBy(() -> two.acquire(key, LONG, Duration.ofMillis(50)))
                .isInstanceOf(LockNotAcquiredException.class)
                .hasMessageContaining("'" + key + "'");
        assertThat(one.tryAcquire(key, LONG))
                .as("two acquisitions exclude each other")
                .isEmpty();
        assertThat(lease.release()).isTrue();
        assertThat(lease.isValid()).isFalse();
        assertThat(lease.release()).as("again").isFalse();
        assertThat(two.isLocked(key)).isFalse();
        assertThat(two.tryAcquire(key, LONG)).isPresent();
        assertThat(two.release(key)).isTrue();
        assertThat(two.metrics().acquired()).isEqualTo(1);
        assertThat(two.metrics().notAcquired()).isEqualTo(2);
        assertThat(two.metrics().released()).isEqualTo(1);
        assertThat(two.metrics().held()).isZero();
    }

    @Test
    void refusesWhatCannotBe(TestInfo test) {
        DistributedLock one = open();
        assertThatThrownBy(() -> one.tryAcquire("", LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> one.tryAcquire(key(test), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ttl");
        assertThatThrownBy(() -> one.tryAcquire(key(test), LONG, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wait");
        assertThat(one.isLocked(key(test))).isFalse();
    }

    @Test
    void whatItCannotDoIsAnError(TestInfo test) {
        DistributedLock one = open();
        try (LockLease lease = one.acquire(key(test), LONG)) {
            if (one.supports(Capability.FENCING)) {
                assertThat(lease.token()).isPositive();
            } else {
                assertThatThrownBy(lease::token)
                        .isInstanceOf(UnsupportedCapabilityException.class)
                        .hasMessageContaining("FENCING");
            }
            if (one.supports(Capability.INSPECTION)) {
                assertThat(one.describe(key(test)).holders()).hasSize(1);
                assertThat(one.describe(key(test)).holders().get(0).id()).isEqualTo(lease.id());
            } else {
                assertThatThrownBy(() -> one.describe(key(test)))
                        .isInstanceOf(UnsupportedCapabilityException.class)
                        .hasMessageContaining("INSPECTION");
            }
        }
    }

    @Test
    @Tag("case-67")
    void excludesManyContendingClients(TestInfo test) throws Exception {
        String key = key(test);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicLong lastToken = new AtomicLong();
        AtomicInteger refused = new AtomicInteger();
        List<DistributedLock> clients =
                IntStream.range(0, CONTENDERS).mapToObj(i -> open()).toList();
        boolean fences = fences();
        ExecutorService threads = Executors.newFixedThreadPool(CONTENDERS);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (DistributedLock client : clients) {
                runs.add(threads.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        try (LockLease lease = client.acquire(key, LONG, PATIENCE)) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            long token = fences ? lease.token() : lastToken.get() + 1;
                            if (lastToken.getAndSet(token) >= token) {
                                refused.incrementAndGet();
                            }
                            inside.decrementAndGet();
                        }
                    }
                }));
            }
            for (Future<?> run : runs) {
                get(run);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(most).as("holders at once").hasValue(1);
        assertThat(refused).as("tokens not larger than the one before").hasValue(0);
    }

    @Test
    @Tag("case-68")
    void runsOutAfterItsTtlAndIsToldBeforeTheNextHasIt(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        LockLease first = one.acquire(key(test), world.ttl());
        CompletableFuture<Void> lost = lossOf(first);
        CompletableFuture<LockLease> waiting = two.acquireAsync(key(test), LONG, PATIENCE);
        boolean[] believed = {true};
        CompletableFuture<Void> granted = waiting.thenAccept(lease -> believed[0] = first.isValid());
        get(lost);
        assertThat(first.isValid()).isFalse();
        assertThat(first.renew(world.ttl())).isFalse();
        LockLease second = get(waiting);
        get(granted);
        assertThat(believed[0]).as("two believed to hold it").isFalse();
        assertThat(first.release()).as("cannot affect the successor").isFalse();
        assertThat(two.isLocked(key(test))).isTrue();
        if (fences()) {
            assertThat(second.token()).isGreaterThan(first.token());
        }
        assertThat(second.release()).isTrue();
        assertThat(one.metrics().lost()).isEqualTo(1);
    }

    @Test
    void anActionEndsWithItsLock(TestInfo test) {
        DistributedLock one = open();
        LockLease lease = one.acquire(key(test), world.ttl());
        CountDownLatch never = new CountDownLatch(1);
        HeldRun<Boolean> run = WhileHeld.runWhileHeld(lease, () -> never.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(run).isInstanceOfSatisfying(HeldRun.Lost.class, lost -> {
            assertThat(lost.started()).isTrue();
            assertThat(lost.failure().orElseThrow()).isInstanceOf(InterruptedException.class);
        });
    }

    @Test
    void renewsItselfAndStopsExactlyAtTheRelease(TestInfo test) {
        DistributedLock one = openRenewing();
        DistributedLock two = open();
        LockLease lease = one.acquire(key(test), world.ttl());
        // After a third of the TTL each: at the fourth it would have run out otherwise.
        await().atMost(PATIENCE).until(() -> one.metrics().renewals() >= 4);
        assertThat(lease.isValid()).isTrue();
        assertThat(lease.renewed()).isLessThan(world.ttl());
        assertThat(two.tryAcquire(key(test), LONG)).isEmpty();
        assertThat(lease.release()).isTrue();
        assertThat(two.tryAcquire(key(test), LONG)).isPresent();
        assertThat(one.metrics().lost()).isZero();
        two.release(key(test));
    }

    @Test
    void isRenewedByHand(TestInfo test) {
        DistributedLock one = open();
        LockLease lease = one.acquire(key(test), world.ttl());
        Duration before = lease.remaining();
        assertThat(lease.renew(world.ttl())).isTrue();
        assertThat(one.renew(key(test), world.ttl())).isTrue();
        assertThat(lease.remaining()).isPositive().isGreaterThan(before.minus(world.ttl()));
        assertThat(one.metrics().renewals()).isEqualTo(2);
        assertThat(one.renew("nothing of this name", world.ttl())).isFalse();
        lease.close();
    }

    @Test
    @Tag("case-73")
    void isReleasedByNobodyElse(TestInfo test) {
        DistributedLock one = open();
        DistributedLock two = open();
        LockLease old = one.acquire(key(test), LONG);
        assertThat(two.release(key(test))).isFalse();
        assertThat(two.renew(key(test), LONG)).isFalse();
        assertThat(two.isLocked(key(test))).isTrue();
        assertThat(old.release()).isTrue();
        LockLease next = two.acquire(key(test), LONG);
        assertThat(old.release()).isFalse();
        assertThat(one.release(key(test))).isFalse();
        assertThat(next.renew(LONG)).as("still held").isTrue();
        assertThat(next.release()).isTrue();
    }

    @Test
    @Tag("case-75")
    void aHolderThatIsCutOffIsToldBeforeTheNextHasIt(TestInfo test) throws Exception {
        DistributedLock one = openRenewing();
        DistributedLock two = open();
        LockLease first = one.acquire(key(test), world.ttl());
        CompletableFuture<Void> lost = lossOf(first);
        world.cut(one);
        CompletableFuture<LockLease> waiting = two.acquireAsync(key(test), LONG, PATIENCE);
        boolean[] believed = {true};
        CompletableFuture<Void> granted = waiting.thenAccept(lease -> believed[0] = first.isValid());
        LockLease second = get(waiting);
        get(granted);
        assertThat(believed[0]).as("two believed to hold it").isFalse();
        get(lost);
        world.restore(one);
        assertThat(first.isValid()).as("lost for ever").isFalse();
        assertThat(first.renew(world.ttl())).isFalse();
        assertThat(second.renew(LONG)).isTrue();
        assertThat(second.release()).isTrue();
        LockLease again = awaitAcquired(one, key(test));
        if (fences()) {
            assertThat(again.token()).isGreaterThan(second.token());
        }
        again.close();
    }

    @Test
    @Tag("case-75")
    void aConnectionThatIsCutAndRestoredMakesNoSecondHolder(TestInfo test) {
        DistributedLock one = openRenewing();
        DistributedLock two = open();
        LockLease lease = one.acquire(key(test), world.ttl());
        world.cut(one);
        world.restore(one);
        neverTwo(lease, two, key(test));
    }

    @Test
    @Tag("case-67")
    void serversThatAreKilledAndStartedAgainMakeNoSecondHolder(TestInfo test) {
        DistributedLock one = openRenewing();
        DistributedLock two = open();
        LockLease lease = one.acquire(key(test), world.ttl());
        world.killServers();
        world.startServers();
        neverTwo(lease, two, key(test));
    }

    /** Until the holder has been confirmed again or has lost it, another never has it too; then it is free for that one. */
    private void neverTwo(LockLease lease, DistributedLock two, String key) {
        long renewalsBefore = opened.get(0).metrics().renewals();
        await().atMost(PATIENCE).until(() -> {
            Optional<LockLease> other = attempt(two, key);
            boolean both = other.isPresent() && lease.isValid();
            other.ifPresent(LockLease::close);
            assertThat(both).as("two hold it").isFalse();
            return other.isPresent() || opened.get(0).metrics().renewals() > renewalsBefore;
        });
        long token = fences() ? lease.token() : 0;
        lease.close();
        LockLease next = awaitAcquired(two, key);
        if (fences()) {
            assertThat(next.token()).isGreaterThan(token);
        }
        next.close();
    }

    private Optional<LockLease> attempt(DistributedLock client, String key) {
        try {
            return client.tryAcquire(key, world.ttl());
        } catch (RequestException e) {
            // The servers are not back yet.
            return Optional.empty();
        }
    }

    private LockLease awaitAcquired(DistributedLock client, String key) {
        return await().atMost(PATIENCE)
                .until(() -> attempt(client, key), Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void servesAThousandLocksAtOnce(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        List<CompletableFuture<LockLease>> asked = IntStream.range(0, MANY)
                .mapToObj(i -> one.acquireAsync(key(test) + i, LONG, LONG))
                .toList();
        List<LockLease> leases = new ArrayList<>();
        for (CompletableFuture<LockLease> lease : asked) {
            leases.add(get(lease));
        }
        assertThat(one.metrics().held()).isEqualTo(MANY);
        assertThat(leases).allMatch(LockLease::isValid);
        assertThat(leases.stream().map(LockLease::id).distinct()).hasSize(MANY);
        assertThat(two.tryAcquire(key(test) + 7, LONG)).isEmpty();
        List<CompletableFuture<Boolean>> releases =
                leases.stream().map(LockLease::releaseAsync).toList();
        for (CompletableFuture<Boolean> released : releases) {
            assertThat(get(released)).isTrue();
        }
        assertThat(one.metrics().held()).isZero();
        assertThat(two.tryAcquire(key(test) + 7, LONG)).isPresent();
        two.release(key(test) + 7);
    }

    @Test
    void codeThatFollowsAFutureMayWaitForOtherLocks(TestInfo test) throws Exception {
        DistributedLock one = openRenewing();
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            String inner = key(test) + "-" + i;
            all.add(one.acquireAsync(key(test) + i, LONG, LONG).thenApply(lease -> {
                try (LockLease second = one.acquire(inner, LONG, PATIENCE)) {
                    return second.renew(LONG) && lease.release();
                }
            }));
        }
        for (CompletableFuture<Boolean> each : all) {
            assertThat(get(each)).isTrue();
        }
        assertThat(one.metrics().held()).isZero();
    }

    @Test
    @Tag("case-74")
    void aStormOfCancellationsLeavesNothingBehind(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        DistributedLock three = open();
        LockLease held = one.acquire(key(test), LONG);
        List<CompletableFuture<LockLease>> waiting = IntStream.range(0, STORM)
                .mapToObj(i -> two.acquireAsync(key(test), LONG, PATIENCE))
                .toList();
        CompletableFuture<LockLease> last = three.acquireAsync(key(test), LONG, PATIENCE);
        for (int i = 0; i < STORM; i++) {
            if (!waiting.get(i).cancel(false)) {
                // It was granted just before.
                waiting.get(i).join().close();
            }
            if (i == STORM / 2) {
                assertThat(held.release()).isTrue();
            }
        }
        LockLease lease = get(last);
        assertThat(lease.isValid()).isTrue();
        await().atMost(PATIENCE).until(() -> two.metrics().waiting() == 0);
        assertThat(lease.release()).isTrue();
        await().atMost(PATIENCE).until(() -> !three.isLocked(key(test)));
        assertThat(two.metrics().held()).isZero();
    }

    @Test
    @Tag("case-74")
    void whoIsClosedWhileItWaitsIsSkipped(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        DistributedLock three = open();
        LockLease held = one.acquire(key(test), LONG);
        CompletableFuture<LockLease> closed = two.acquireAsync(key(test), LONG, PATIENCE);
        CompletableFuture<LockLease> next = three.acquireAsync(key(test), LONG, PATIENCE);
        two.close();
        assertThatThrownBy(() -> get(closed)).hasCauseInstanceOf(NotAppliedException.class);
        assertThatThrownBy(() -> two.tryAcquire(key(test), LONG))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("closed");
        assertThat(held.release()).isTrue();
        assertThat(get(next).release()).isTrue();
        await().atMost(PATIENCE).until(() -> !three.isLocked(key(test)));
    }

    @Test
    void closingReleasesWhatIsHeld(TestInfo test) {
        DistributedLock one = open();
        DistributedLock two = open();
        LockLease lease = one.acquire(key(test), LONG);
        one.close();
        one.close();
        assertThat(lease.isValid()).isFalse();
        assertThat(two.tryAcquire(key(test), LONG, PATIENCE)).isPresent();
        two.release(key(test));
    }

    @Test
    void anInterruptGivesUpWaiting(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        LockLease held = one.acquire(key(test), LONG);
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            begun.countDown();
            try {
                two.acquire(key(test), LONG, PATIENCE);
                failure.complete(null);
            } catch (RequestException e) {
                failure.complete(e);
            }
        });
        waiter.start();
        assertThat(begun.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        waiter.interrupt();
        assertThat(get(failure)).isInstanceOf(NotAppliedException.class).hasMessageContaining("interrupted");
        waiter.join();
        assertThat(held.release()).isTrue();
        await().atMost(PATIENCE).until(() -> !one.isLocked(key(test)));
    }

    @Test
    @Tag("case-74")
    void servesWaitersInTheOrderOfArrivalWhereItSaysSo(TestInfo test) throws Exception {
        DistributedLock one = open();
        assumeThat(one.supports(Capability.FAIRNESS) && one.supports(Capability.INSPECTION))
                .as("this service promises no order")
                .isTrue();
        LockLease held = one.acquire(key(test), LONG);
        List<Integer> order = new ArrayList<>();
        List<CompletableFuture<?>> done = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int waiter = i;
            done.add(open().acquireAsync(key(test), LONG, PATIENCE).thenCompose(lease -> {
                synchronized (order) {
                    order.add(waiter);
                }
                return lease.releaseAsync();
            }));
            await().atMost(PATIENCE)
                    .until(() -> one.describe(key(test)).waiters().size() == waiter + 1);
        }
        assertThat(held.release()).isTrue();
        for (CompletableFuture<?> each : done) {
            get(each);
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }
}
