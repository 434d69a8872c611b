package io.balsa.lock.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import io.balsa.lock.LockOptions;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of locks when Consul answers late, wrongly or not at all: such moments, a stub makes. */
class ConsulBackendTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String KEY = "balsa/locks/x";

    private ConsulStub consul;
    private DistributedLock locks;

    @BeforeEach
    void open() {
        consul = new ConsulStub();
        locks = ConsulLock.connect(consul.address(), ConsulLockOptions.defaults(), LockOptions.defaults());
    }

    @AfterEach
    void close() {
        consul.close();
        locks.close();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void awaitAsked(String... what) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(consul.asked()).containsExactly(what));
    }

    @Test
    void anUncontendedLockIsFourRequestsAndOneInTheBackground() {
        LockLease lease = locks.acquire("x", TTL);
        assertThat(lease.token()).isEqualTo(7);
        assertThat(lease.id()).isEqualTo("session-1");
        assertThat(lease.release()).isTrue();
        awaitAsked("read", "create", "lock", "unlock", "destroy");
    }

    @Test
    @Tag("case-74")
    void whatIsNotAnsweredIsGivenBackAndThatIsInsistedOn() {
        AtomicInteger unlocks = new AtomicInteger();
        AtomicInteger destroys = new AtomicInteger();
        consul.on("lock", request -> new ConsulStub.Answer(500, 1, "rpc error: leadership lost while committing log"));
        consul.on(
                "unlock",
                request -> unlocks.incrementAndGet() < 3
                        ? new ConsulStub.Answer(500, 1, "No cluster leader")
                        : ConsulStub.locked(7));
        consul.on(
                "destroy",
                request -> destroys.incrementAndGet() < 2
                        ? new ConsulStub.Answer(500, 1, "No cluster leader")
                        : ConsulStub.Answer.ok("true"));
        assertThatThrownBy(() -> locks.acquire("x", TTL))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("lock 'x' could not be acquired for certain")
                .hasMessageContaining("leadership lost");
        awaitAsked("read", "create", "lock", "unlock", "unlock", "unlock", "destroy", "unlock", "destroy");
    }

    @Test
    @Tag("case-74")
    void aLockThatIsGrantedToOneWhoGaveUpIsGivenBack() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        consul.on("lock", request -> {
            asked.countDown();
            cancelled.await();
            return ConsulStub.locked(7);
        });
        CompletableFuture<LockLease> acquired = locks.acquireAsync("x", TTL, PATIENCE);
        assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        acquired.cancel(false);
        cancelled.countDown();
        awaitAsked("read", "create", "lock", "unlock", "destroy");
        assertThat(consul.requests().get(4).path()).endsWith("/session-1");
        assertThat(locks.metrics().held()).isZero();
    }

    @Test
    @Tag("case-74")
    void whoClosesWaitsForWhatIsUnderWayAndGivesItBack() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        consul.on("lock", request -> {
            asked.countDown();
            closing.await();
            return ConsulStub.locked(7);
        });
        CompletableFuture<LockLease> acquired = locks.acquireAsync("x", TTL, PATIENCE);
        assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> told = acquired.handle((lease, failure) -> {
            closing.countDown();
            return null;
        });
        locks.close();
        get(told);
        assertThat(consul.asked()).containsExactly("read", "create", "lock", "unlock", "destroy");
        assertThatThrownBy(() -> get(acquired)).hasCauseInstanceOf(NotAppliedException.class);
    }

    @Test
    void aSessionThatWasRefusedTheLockIsUsedAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        consul.on(
                "lock",
                request -> tries.incrementAndGet() < 3
                        ? new ConsulStub.Answer(409, 1, "{\"Errors\":[{\"OpIndex\":0,\"What\":\"due to lock delay\"}]}")
                        : ConsulStub.locked(9));
        consul.on(
                "renew",
                request -> tries.get() < 2
                        ? ConsulStub.Answer.ok(
                                "[{\"ID\":\"session-1\",\"Node\":\"n\",\"LockDelay\":0,\"Behavior\":\"delete\","
                                        + "\"CreateIndex\":1,\"Checks\":[]}]")
                        : new ConsulStub.Answer(404, 1, "Session id 'session-1' not found"));
        LockLease lease = locks.acquire("x", TTL, PATIENCE);
        assertThat(lease.token()).isEqualTo(9);
        assertThat(lease.id()).as("the first had run out").isEqualTo("session-2");
        assertThat(consul.asked())
                .containsExactly("read", "create", "lock", "read", "renew", "lock", "read", "renew", "create", "lock");
    }

    @Test
    void anIndexThatGoesBackwardsIsFollowed() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        // The servers are restored from an old snapshot while the first query waits.
        consul.on("read", request -> switch (waits.get()) {
            case 0 -> ConsulStub.Answer.held(KEY, 100);
            case 1 -> ConsulStub.Answer.held(KEY, 50);
            default -> ConsulStub.Answer.free(60);
        });
        consul.on(
                "wait",
                request -> waits.incrementAndGet() == 1 ? ConsulStub.Answer.held(KEY, 50) : ConsulStub.Answer.free(60));
        assertThat(get(locks.acquireAsync("x", TTL, PATIENCE)).isValid()).isTrue();
        assertThat(consul.requests().stream()
                        .filter(ConsulStub.Request::isBlocking)
                        .map(ConsulStub.Request::index))
                .containsExactly("100", "50");
    }

    @Test
    void locksBeyondThoseWithAQueryOfTheirOwnShareOneWhichFollowsAnIndexThatGoesBackwards() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<String> indices = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger own = new AtomicInteger();
        AtomicInteger mostOwn = new AtomicInteger();
        CountDownLatch allOwn = new CountDownLatch(ConsulWatch.OWN_QUERIES);
        consul.on("read", request -> ConsulStub.Answer.held(request.path().substring("/v1/kv/".length()), 10));
        consul.on("wait", request -> {
            mostOwn.accumulateAndGet(own.incrementAndGet(), Math::max);
            allOwn.countDown();
            end.await();
            own.decrementAndGet();
            return ConsulStub.Answer.free(11);
        });
        consul.on("list", request -> {
            indices.add(request.index());
            return switch (indices.size()) {
                case 1 -> ConsulStub.Answer.held("balsa/locks/shared", 500);
                case 2 -> ConsulStub.Answer.held("balsa/locks/shared", 20);
                default -> {
                    consul.on("read", any -> ConsulStub.Answer.free(30));
                    yield ConsulStub.Answer.free(30);
                }
            };
        });
        List<CompletableFuture<LockLease>> withOwn = IntStream.range(0, ConsulWatch.OWN_QUERIES)
                .mapToObj(i -> locks.acquireAsync("own" + i, TTL, PATIENCE))
                .toList();
        assertThat(allOwn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(get(locks.acquireAsync("shared", TTL, PATIENCE)).isValid()).isTrue();
        assertThat(indices).containsExactly("0", "500", "0");
        end.countDown();
        for (CompletableFuture<LockLease> each : withOwn) {
            assertThat(get(each).isValid()).isTrue();
        }
        assertThat(mostOwn).hasValue(ConsulWatch.OWN_QUERIES);
    }

    @Test
    void oneOfAProcessWaitsAtConsulHoweverManyWait() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        consul.on("read", request -> ConsulStub.Answer.held(KEY, 10));
        consul.on("wait", request -> {
            end.await();
            consul.on("read", any -> ConsulStub.Answer.free(11));
            return ConsulStub.Answer.free(11);
        });
        List<CompletableFuture<LockLease>> waiting = IntStream.range(0, 100)
                .mapToObj(i -> locks.acquireAsync("x", TTL, PATIENCE))
                .toList();
        await().atMost(PATIENCE).until(() -> consul.asked().contains("wait"));
        assertThat(consul.asked()).containsExactly("read", "wait");
        waiting.subList(1, 100).forEach(each -> each.cancel(false));
        end.countDown();
        assertThat(get(waiting.get(0)).isValid()).isTrue();
        assertThat(consul.asked()).containsExactly("read", "wait", "read", "create", "lock");
    }

    @Test
    void aRefusalIsNotWaitedOut() {
        consul.on("create", request -> new ConsulStub.Answer(403, 1, "Permission denied"));
        assertThatThrownBy(() -> locks.acquire("x", TTL, PATIENCE))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("Permission denied")
                .hasMessageContaining("token");
        assertThat(consul.asked()).containsExactly("read", "create");
    }

    @Test
    void aClusterWithoutALeaderIsWaitedFor() {
        AtomicInteger reads = new AtomicInteger();
        consul.on(
                "read",
                request -> reads.incrementAndGet() < 4
                        ? new ConsulStub.Answer(500, 0, "No cluster leader")
                        : ConsulStub.Answer.free(3));
        assertThat(locks.acquire("x", TTL, PATIENCE).isValid()).isTrue();
        assertThatThrownBy(() -> {
                    reads.set(0);
                    locks.acquire("y", TTL);
                })
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("lock 'y'")
                .hasMessageContaining("No cluster leader");
    }

    @Test
    void aReleaseThatIsNotAnsweredIsUnknownAndInsistedOn() {
        LockLease lease = locks.acquire("x", TTL);
        AtomicInteger unlocks = new AtomicInteger();
        consul.on(
                "unlock",
                request -> unlocks.incrementAndGet() == 1
                        ? new ConsulStub.Answer(500, 1, "rpc error")
                        : ConsulStub.locked(7));
        assertThatThrownBy(lease::release)
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("lock 'x' could not be released for certain");
        awaitAsked("read", "create", "lock", "unlock", "unlock", "destroy");
    }

    @Test
    void noRequestIsWaitedForLongerThanItsTimeout() {
        CountDownLatch never = new CountDownLatch(1);
        consul.on("read", request -> {
            never.await();
            return ConsulStub.NONE;
        });
        DistributedLock hasty = ConsulLock.connect(
                consul.address(),
                ConsulLockOptions.defaults().withRequestTimeout(Duration.ofMillis(300)),
                LockOptions.defaults());
        assertThatThrownBy(() -> hasty.isLocked("x"))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("lock 'x' could not be looked at");
        assertThatThrownBy(() -> hasty.acquire("x", TTL))
                .isInstanceOfAny(OutcomeUnknownException.class, NotAppliedException.class)
                .hasMessageContaining("lock 'x'");
        never.countDown();
        hasty.close();
    }
}
