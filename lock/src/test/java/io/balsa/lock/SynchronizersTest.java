package io.balsa.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.statemachine.node.CoordinationNode;
import io.balsa.statemachine.session.CounterOverflowException;
import io.balsa.statemachine.session.InvalidRequestException;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Atomic long, latch and barrier as applications use them: several sessions over a real node. */
class SynchronizersTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static CoordinationNode node;
    private static Session one;
    private static Session two;

    @BeforeAll
    static void start() throws IOException {
        node = CoordinationNode.builder("n1")
                .member("n1", "127.0.0.1:" + freePort())
                .inMemory()
                .start();
        one = node.openSession();
        two = Session.connect(node.clientAddress());
    }

    @AfterAll
    static void stop() {
        two.close();
        one.close();
        node.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Session mortal() {
        return Session.connect(
                node.clientAddress(),
                SessionOptions.builder().ttl(Duration.ofMillis(300)).build());
    }

    // ---- atomic long -----------------------------------------------------------------------------------------------

    @Test
    void anAtomicLongIsOneNumberForAllSessions() {
        DistributedAtomicLong mine = DistributedAtomicLong.on(one, "shared");
        DistributedAtomicLong theirs = DistributedAtomicLong.on(two, "shared");

        assertThat(mine.get()).isZero();
        assertThat(mine.incrementAndGet()).isEqualTo(1);
        assertThat(theirs.addAndGet(9)).isEqualTo(10);
        assertThat(mine.getAndAdd(-3)).isEqualTo(10);
        assertThat(theirs.decrementAndGet()).isEqualTo(6);
        assertThat(mine.compareAndSet(5, 1)).isFalse();
        assertThat(mine.compareAndSet(6, 1)).isTrue();
        assertThat(theirs.getAndSet(-8)).isEqualTo(1);
        assertThat(mine.tryAdd(-1, -8)).isEmpty();
        assertThat(mine.tryAdd(1, -8)).hasValue(-7);
        mine.set(4);
        assertThat(theirs.get()).isEqualTo(4);
        assertThat(theirs.delete()).isTrue();
        assertThat(mine.get()).isZero();
        assertThat(mine.delete()).isFalse();
    }

    @Test
    void theAsynchronousTwinsOfAnAtomicLongDoTheSame() throws Exception {
        DistributedAtomicLong number = DistributedAtomicLong.on(one, "twins");

        assertThat(done(number.incrementAndGetAsync())).isEqualTo(1);
        assertThat(done(number.addAndGetAsync(9))).isEqualTo(10);
        assertThat(done(number.getAndAddAsync(-3))).isEqualTo(10);
        assertThat(done(number.decrementAndGetAsync())).isEqualTo(6);
        assertThat(done(number.compareAndSetAsync(6, 1))).isTrue();
        assertThat(done(number.getAndSetAsync(5))).isEqualTo(1);
        assertThat(done(number.tryAddAsync(-6, 0))).isEmpty();
        done(number.setAsync(3));
        assertThat(done(number.getAsync())).isEqualTo(3);
        assertThat(done(number.deleteAsync())).isTrue();
    }

    @Test
    void anAtomicLongRefusesToWrapAround() {
        DistributedAtomicLong number = DistributedAtomicLong.on(one, "full");
        number.set(Long.MAX_VALUE);

        assertThatThrownBy(number::incrementAndGet).isInstanceOf(CounterOverflowException.class);
        assertThat(number.get()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @Tag("case-57")
    void manyWhoCountLoseNothing() throws Exception {
        int threads = 8;
        int additions = 50;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                DistributedAtomicLong number = DistributedAtomicLong.on(i % 2 == 0 ? one : two, "sum");
                workers.add(executor.submit(() -> {
                    for (int j = 0; j < additions; j++) {
                        number.incrementAndGet();
                    }
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(60, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(DistributedAtomicLong.on(one, "sum").get()).isEqualTo((long) threads * additions);
    }

    // ---- latch -----------------------------------------------------------------------------------------------------

    @Test
    void aLatchLetsThroughWhenAllHaveCountedDown() throws Exception {
        DistributedCountDownLatch mine = DistributedCountDownLatch.on(one, "started");
        DistributedCountDownLatch theirs = DistributedCountDownLatch.on(two, "started");
        assertThat(mine.await(Duration.ZERO)).as("never set").isTrue();
        assertThat(mine.trySetCount(2)).isTrue();
        assertThat(theirs.trySetCount(5)).as("it counts already").isFalse();

        CompletableFuture<Boolean> waiting = mine.awaitAsync(LONG);
        assertThat(theirs.countDown()).isEqualTo(1);
        assertThat(waiting).isNotDone();
        assertThat(mine.getCount()).isEqualTo(1);
        assertThat(done(theirs.countDownAsync())).isZero();

        assertThat(done(waiting)).isTrue();
        assertThat(theirs.await(Duration.ZERO)).isTrue();
        assertThat(theirs.countDown()).as("stays through").isZero();
        assertThat(done(theirs.getCountAsync())).isZero();
        assertThat(done(theirs.trySetCountAsync(1))).as("may be set again").isTrue();
    }

    @Test
    void aBlockingWaitForALatchEndsWhenItIsThrough() throws Exception {
        DistributedCountDownLatch latch = DistributedCountDownLatch.on(one, "blocking");
        latch.trySetCount(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> waiting = executor.submit(() -> latch.await(LONG));
            DistributedCountDownLatch.on(two, "blocking").countDown();
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aLatchAndAnAtomicLongOfOneNameAreStrangers() {
        DistributedCountDownLatch.on(one, "same").trySetCount(3);

        assertThat(DistributedAtomicLong.on(one, "same").incrementAndGet()).isEqualTo(1);
        assertThat(DistributedCountDownLatch.on(one, "same").getCount()).isEqualTo(3);
    }

    @Test
    @Tag("case-69")
    void aPartyThatDiesKeepsTheOthersWaitingForALatchUntilTheirTimeIsOver() throws Exception {
        DistributedCountDownLatch latch = DistributedCountDownLatch.on(one, "deserted");
        latch.trySetCount(2);
        Session dying = mortal();
        DistributedCountDownLatch.on(dying, "deserted").countDown();
        dying.close();

        assertThat(latch.await(SHORT)).isFalse();
        assertThat(latch.getCount()).as("whoever counted down before counts").isEqualTo(1);
        CompletableFuture<Boolean> waiting = latch.awaitAsync(LONG);
        latch.countDown();
        assertThat(done(waiting)).isTrue();
    }

    @Test
    void aWaitForALatchCanBeCancelledAndEndsWithItsSession() throws Exception {
        Session other = node.openSession();
        DistributedCountDownLatch latch = DistributedCountDownLatch.on(other, "cancelled");
        latch.trySetCount(1);
        CompletableFuture<Boolean> cancelled = latch.awaitAsync(LONG);
        assertThat(cancelled.cancel(true)).isTrue();
        CompletableFuture<Boolean> orphaned = latch.awaitAsync(LONG);

        other.close();

        assertThatThrownBy(() -> done(orphaned)).hasCauseInstanceOf(NotAppliedException.class);
        assertThat(DistributedCountDownLatch.on(one, "cancelled").getCount()).isEqualTo(1);
    }

    @Test
    void aLatchIsSetToOneOrMore() {
        DistributedCountDownLatch latch = DistributedCountDownLatch.on(one, "wrong");

        assertThatThrownBy(() -> latch.trySetCount(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> latch.trySetCountAsync(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- barrier ---------------------------------------------------------------------------------------------------

    @Test
    void aBarrierLetsAllThroughTogetherAgainAndAgain() throws Exception {
        int parties = 4;
        int rounds = 10;
        ExecutorService executor = Executors.newFixedThreadPool(parties);
        try {
            List<Future<List<Long>>> workers = new ArrayList<>();
            for (int i = 0; i < parties; i++) {
                DistributedBarrier barrier = DistributedBarrier.on(i % 2 == 0 ? one : two, "rounds", parties);
                workers.add(executor.submit(() -> {
                    List<Long> generations = new ArrayList<>();
                    for (int round = 0; round < rounds; round++) {
                        generations.add(barrier.await(LONG).orElseThrow());
                    }
                    return generations;
                }));
            }
            List<Long> first = workers.get(0).get(60, TimeUnit.SECONDS);
            assertThat(first).hasSize(rounds).isSorted().doesNotHaveDuplicates();
            for (Future<List<Long>> worker : workers) {
                assertThat(worker.get(60, TimeUnit.SECONDS)).isEqualTo(first);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aBarrierForgetsWhoGivesUp() throws Exception {
        DistributedBarrier mine = DistributedBarrier.on(one, "patience", 2);
        DistributedBarrier theirs = DistributedBarrier.on(two, "patience", 2);

        assertThat(mine.await(SHORT)).isEmpty();
        CompletableFuture<OptionalLong> cancelled = mine.awaitAsync(LONG);
        awaitThat(() -> theirs.waiting() == 1);
        cancelled.cancel(true);
        awaitThat(() -> theirs.waiting() == 0);

        CompletableFuture<OptionalLong> waiting = theirs.awaitAsync(LONG);
        awaitThat(() -> done(mine.waitingAsync()) == 1);
        assertThat(waiting).isNotDone();
        assertThat(mine.await(LONG)).isPresent().isEqualTo(done(waiting));
    }

    @Test
    @Tag("case-69")
    void aBarrierForgetsWhoDies() throws Exception {
        DistributedBarrier barrier = DistributedBarrier.on(one, "mortal", 2);
        Session dying = mortal();
        CompletableFuture<OptionalLong> dead =
                DistributedBarrier.on(dying, "mortal", 2).awaitAsync(LONG);
        awaitThat(() -> barrier.waiting() == 1);
        dying.detach();
        assertThatThrownBy(() -> done(dead)).hasCauseInstanceOf(OutcomeUnknownException.class);
        awaitThat(() -> barrier.waiting() == 0);

        CompletableFuture<OptionalLong> waiting = barrier.awaitAsync(LONG);
        awaitThat(() -> barrier.waiting() == 1);
        assertThat(DistributedBarrier.on(two, "mortal", 2).await(LONG)).isPresent();
        assertThat(done(waiting)).isPresent();
    }

    @Test
    void aBarrierOfAnotherSizeIsRefusedWhileSomebodyWaits() {
        CompletableFuture<OptionalLong> waiting =
                DistributedBarrier.on(one, "size", 3).awaitAsync(LONG);
        awaitThat(() -> DistributedBarrier.on(two, "size", 3).waiting() == 1);

        assertThatThrownBy(() -> DistributedBarrier.on(two, "size", 2).await(LONG))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("3 parties, not 2");
        assertThatThrownBy(() -> DistributedBarrier.on(two, "size", 0)).isInstanceOf(IllegalArgumentException.class);
        waiting.cancel(true);
    }

    private static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }
}
