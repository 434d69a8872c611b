package io.balsa.lock.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.Capability;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.raft.client.NotAppliedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.kiwiproject.consul.Consul;
import org.kiwiproject.consul.model.kv.Value;

/** What is special about locks at Consul, on a real one; what all locks have in common, {@link ConsulLockContractTest} shows. */
class ConsulLockTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(60);

    private static final String OWNER = "tester \"1\"";

    @TempDir
    private static Path directory;

    private static ConsulServer server;

    /** Does by hand what an operator may. */
    private static Consul operator;

    private final List<DistributedLock> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = new ConsulServer(directory);
        operator = server.client();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            operator.destroy();
            server.close();
        }
    }

    @AfterEach
    void close() {
        opened.forEach(DistributedLock::close);
    }

    private DistributedLock open() {
        return open(Duration.ZERO);
    }

    private DistributedLock open(Duration lockDelay) {
        return open(ConsulLockOptions.defaults().withLockDelay(lockDelay).withOwner(OWNER));
    }

    private DistributedLock open(ConsulLockOptions options) {
        DistributedLock locks = ConsulLock.connect(server.address(), options, LockOptions.defaults());
        opened.add(locks);
        return locks;
    }

    private static String name(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }

    private static String key(String lock) {
        return "balsa/locks/" + lock;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aTtlThatConsulDoesNotKeepIsRefused(TestInfo test) {
        DistributedLock locks = open();
        assertThatThrownBy(() -> locks.tryAcquire(name(test), Duration.ofMillis(9_999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name(test) + "'")
                .hasMessageContaining("Consul keeps none below 10 s");
        assertThatThrownBy(
                        () -> locks.tryAcquire(name(test), Duration.ofHours(24).plusMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Consul keeps none above 24 h");
        assertThat(locks.isLocked(name(test))).isFalse();
        assertThat(locks.metrics().waiting()).isZero();
        assertThat(locks.tryAcquire(name(test), Duration.ofHours(24))).isPresent();
        assertThat(locks.tryAcquire(name(test) + "-least", TTL)).isPresent();
    }

    @Test
    void saysWhatItCanDo() {
        DistributedLock locks = open();
        assertThat(locks.supports(Capability.FENCING)).isTrue();
        assertThat(locks.supports(Capability.SERVER_TTL)).isTrue();
        assertThat(locks.supports(Capability.MAJORITY)).isTrue();
        assertThat(locks.supports(Capability.FAIRNESS)).isFalse();
        assertThat(locks.supports(Capability.INSPECTION)).isFalse();
    }

    @Test
    void aRenewalCannotChangeTheTtlOfTheSession(TestInfo test) {
        LockLease lease = open().acquire(name(test), TTL);
        assertThatThrownBy(() -> lease.renew(TTL.plusMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be renewed for")
                .hasMessageContaining("acquire it with the longest");
        assertThat(lease.renew(Duration.ofMillis(1))).isTrue();
        assertThat(lease.isValid()).as("for the TTL that the session has").isTrue();
        assertThat(lease.release()).isTrue();
    }

    @Test
    void theLockDelayHoldsTheNextOneUpAfterALossAndNotAfterARelease(TestInfo test) throws Exception {
        DistributedLock one = open(LONGEST_DELAY);
        DistributedLock two = open(LONGEST_DELAY);
        String released = name(test) + "-released";
        assertThat(one.acquire(released, TTL).release()).isTrue();
        assertThat(two.tryAcquire(released, TTL)).isPresent();

        String lost = name(test) + "-lost";
        operator.sessionClient().destroySession(one.acquire(lost, TTL).id());
        assertThat(two.isLocked(lost)).as("nobody holds it,").isFalse();
        assertThat(two.tryAcquire(lost, TTL)).as("and nobody gets it").isEmpty();

        String soon = name(test) + "-soon";
        LockLease before = open(Duration.ofMillis(1_500)).acquire(soon, TTL);
        operator.sessionClient().destroySession(before.id());
        CompletableFuture<LockLease> waiting = two.acquireAsync(soon, TTL, PATIENCE);
        assertThat(get(waiting).token()).isGreaterThan(before.token());
    }

    @Test
    @Tag("case-73")
    void theTokenGrowsAlthoughTheKeyIsDeletedAndConsulsOwnCountBeginsAnew(TestInfo test) {
        DistributedLock one = open();
        DistributedLock two = open();
        LockLease released = one.acquire(name(test), TTL);
        assertThat(acquisitions(name(test))).isEqualTo(1);
        assertThat(released.release()).isTrue();
        assertThat(operator.keyValueClient().getValue(key(name(test)))).isEmpty();

        LockLease deletedByHand = two.acquire(name(test), TTL);
        assertThat(acquisitions(name(test))).as("as if it were the first").isEqualTo(1);
        assertThat(deletedByHand.token()).isGreaterThan(released.token());
        operator.keyValueClient().deleteKey(key(name(test)));

        LockLease endedByHand = one.acquire(name(test), TTL);
        assertThat(acquisitions(name(test))).isEqualTo(1);
        assertThat(endedByHand.token()).isGreaterThan(deletedByHand.token());
        operator.sessionClient().destroySession(endedByHand.id());

        assertThat(two.acquire(name(test), TTL).token()).isGreaterThan(endedByHand.token());
        assertThat(acquisitions(name(test))).isEqualTo(1);
    }

    private static long acquisitions(String lock) {
        return operator.keyValueClient().getValue(key(lock)).orElseThrow().getLockIndex();
    }

    @Test
    @Tag("case-75")
    void whoseSessionAnOperatorEndsIsToldAtTheNextRenewal(TestInfo test) throws Exception {
        DistributedLock locks = ConsulLock.connect(
                server.address(),
                ConsulLockOptions.defaults(),
                LockOptions.defaults().withAutoRenew(true));
        opened.add(locks);
        LockLease lease = locks.acquire(name(test), TTL);
        CompletableFuture<Void> lost = new CompletableFuture<>();
        lease.onLost(() -> lost.complete(null));
        operator.sessionClient().destroySession(lease.id());
        get(lost);
        assertThat(lease.isValid()).isFalse();
        assertThat(lease.renewed()).as("long before its TTL was over").isLessThan(TTL);
        assertThat(locks.metrics().lost()).isEqualTo(1);
    }

    @Test
    @Tag("case-75")
    void whoseKeyAnOperatorDeletesIsToldAtTheNextRenewalThoughTheSessionLives(TestInfo test) {
        DistributedLock one = open();
        LockLease lease = one.acquire(name(test), TTL);
        operator.keyValueClient().deleteKey(key(name(test)));
        LockLease next = open().acquire(name(test), TTL);
        assertThat(operator.sessionClient().getSessionInfo(lease.id())).isPresent();
        assertThat(lease.renew(TTL)).isFalse();
        assertThat(lease.isValid()).isFalse();
        assertThat(next.renew(TTL)).isTrue();
        await().atMost(PATIENCE)
                .until(() -> operator.sessionClient().getSessionInfo(lease.id()).isEmpty());
    }

    @Test
    void anOperatorSeesWhoHoldsIt(TestInfo test) throws Exception {
        LockLease lease = open(Duration.ofSeconds(7)).acquire(name(test), Duration.ofSeconds(11));
        Value value = operator.keyValueClient().getValue(key(name(test))).orElseThrow();
        assertThat(value.getSession()).contains(lease.id());
        assertThat(value.getValueAsString()).contains(OWNER);
        assertThat(value.getModifyIndex()).isEqualTo(lease.token());
        assertThat(sessionOf(lease))
                .contains("\"Name\":\"tester \\\"1\\\"\"")
                .contains("\"TTL\":\"11000ms\"")
                .contains("\"LockDelay\":7000000000")
                .contains("\"Behavior\":\"delete\"")
                .as("no check of a node ends it before its TTL does")
                .contains("\"NodeChecks\":[]");
    }

    private static String sessionOf(LockLease lease) throws IOException, InterruptedException {
        URI uri = URI.create(server.address() + "/v1/session/info/" + lease.id());
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    @Tag("case-74")
    void neitherHoldersNorWaitersLeaveAnythingBehind(TestInfo test) throws Exception {
        ConsulLockOptions own =
                ConsulLockOptions.defaults().withOwner(name(test)).withPrefix(name(test) + "/");
        DistributedLock one = open(own);
        DistributedLock two = open(own);
        LockLease held = one.acquire("a", TTL);
        assertThat(two.tryAcquire("a", TTL)).isEmpty();
        assertThat(two.tryAcquire("a", TTL, Duration.ofMillis(20))).isEmpty();
        CompletableFuture<LockLease> cancelled = two.acquireAsync("a", TTL, PATIENCE);
        CompletableFuture<LockLease> next = two.acquireAsync("a", TTL, PATIENCE);
        cancelled.cancel(false);
        for (int i = 0; i < 20; i++) {
            one.acquireAsync("b" + i, TTL, PATIENCE).cancel(false);
        }
        assertThat(held.release()).isTrue();
        assertThat(get(next).release()).isTrue();
        one.close();
        two.close();
        assertThat(operator.sessionClient().listSessions())
                .noneMatch(session -> session.getName().equals(Optional.of(name(test))));
        assertThat(operator.keyValueClient().getKeys(name(test) + "/")).isEmpty();
    }

    @Test
    void moreLocksAreWaitedForThanHaveAQueryOfTheirOwn(TestInfo test) throws Exception {
        DistributedLock one = open();
        DistributedLock two = open();
        List<LockLease> held = new ArrayList<>();
        List<CompletableFuture<LockLease>> waiting = new ArrayList<>();
        for (int i = 0; i < 2 * ConsulWatch.OWN_QUERIES; i++) {
            held.add(one.acquire(name(test) + i, Duration.ofMinutes(1)));
            waiting.add(two.acquireAsync(name(test) + i, Duration.ofMinutes(1), PATIENCE));
        }
        Collections.reverse(held);
        for (LockLease lease : held) {
            assertThat(lease.release()).isTrue();
        }
        for (CompletableFuture<LockLease> each : waiting) {
            assertThat(get(each).release()).isTrue();
        }
    }

    @Test
    void inOneProcessWaitersAreServedInTheOrderOfArrival(TestInfo test) throws Exception {
        DistributedLock locks = open();
        LockLease held = locks.acquire(name(test), TTL);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<?>> done = IntStream.range(0, 8)
                .<CompletableFuture<?>>mapToObj(
                        i -> locks.acquireAsync(name(test), TTL, PATIENCE).thenAccept(lease -> {
                            order.add(i);
                            lease.release();
                        }))
                .toList();
        assertThat(held.release()).isTrue();
        for (CompletableFuture<?> each : done) {
            get(each);
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void locksMayHaveAnyName(TestInfo test) {
        DistributedLock locks = open(ConsulLockOptions.defaults().withPrefix(name(test) + "/"));
        List<String> names = List.of(
                "a", "a/b", "a//b", "/a", "a/", ".", "..", "../a", "%2F", "/", "a b", "a+b", "Straße", "?x=1", "#",
                "a%20b");
        List<LockLease> leases =
                names.stream().map(name -> locks.acquire(name, TTL)).toList();
        assertThat(leases.stream().map(LockLease::key)).containsExactlyElementsOf(names);
        for (LockLease lease : leases) {
            assertThat(locks.isLocked(lease.key())).as(lease.key()).isTrue();
            assertThat(lease.renew(TTL)).as(lease.key()).isTrue();
            assertThat(lease.release()).as(lease.key()).isTrue();
            assertThat(locks.isLocked(lease.key())).as(lease.key()).isFalse();
        }
    }

    @Test
    void aClientOfOnesOwnStaysOpen(TestInfo test) {
        DistributedLock locks = ConsulLock.on(operator);
        assertThat(locks.tryAcquire(name(test), TTL)).isPresent();
        locks.close();
        assertThat(operator.isDestroyed()).isFalse();
        assertThat(operator.keyValueClient().getValue(key(name(test)))).isEmpty();
    }

    @Test
    void waitingGoesOnOverARestartOfTheServer(TestInfo test) throws Exception {
        DistributedLock locks = open();
        server.kill();
        try {
            assertThatThrownBy(() -> locks.tryAcquire(name(test), TTL))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("'" + name(test) + "'")
                    .hasMessageContaining(server.address())
                    .hasMessageContaining("is the agent there");
            CompletableFuture<LockLease> waiting = locks.acquireAsync(name(test), TTL, PATIENCE);
            server.start();
            assertThat(get(waiting).release()).isTrue();
        } finally {
            if (!server.isRunning()) {
                server.start();
            }
        }
    }

    @Test
    void optionsAreChecked() {
        ConsulLockOptions options = ConsulLockOptions.defaults();
        assertThatThrownBy(() -> options.withLockDelay(Duration.ofMillis(60_001)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 60 s");
        assertThatThrownBy(() -> options.withPrefix("/locks"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slash");
        assertThatThrownBy(() -> options.withRequests(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 128");
        assertThatThrownBy(() -> options.withRequestTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("request timeout");
        for (String address : List.of("", "no port", "agent", "http://", "ftp://x:1")) {
            assertThatThrownBy(() -> ConsulLock.connect(address))
                    .as(address)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + address + "'");
        }
    }
}
