package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.statemachine.node.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Barriers of three real nodes over TCP, as long as all is well. */
class BarriersOverNetworkTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.inMemory(3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static Session connect() {
        return Session.connect(cluster.clientAddresses());
    }

    @Test
    void nobodyPassesBeforeTheLastAndThenAllDo() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            CompletableFuture<OptionalLong> first = one.barriers().arriveAsync("start", 3, LONG);
            CompletableFuture<OptionalLong> second = two.barriers().arriveAsync("start", 3, LONG);
            awaitThat(() -> one.barriers().show("start").equals(new BarrierInfo("start", 3, 2)));
            assertThat(first).isNotDone();
            assertThat(second).isNotDone();

            OptionalLong last = two.barriers().arrive("start", 3, LONG);

            assertThat(last).isPresent();
            assertThat(done(first)).isEqualTo(last);
            assertThat(done(second)).isEqualTo(last);
            assertThat(one.barriers().show("start")).isEqualTo(new BarrierInfo("start", 0, 0));
        }
    }

    @Test
    void generationFollowsGeneration() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            List<Long> generations = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                CompletableFuture<OptionalLong> first = one.barriers().arriveAsync("cyclic", 2, LONG);
                long generation = two.barriers().arrive("cyclic", 2, LONG).orElseThrow();
                assertThat(done(first)).hasValue(generation);
                generations.add(generation);
            }
            assertThat(generations).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void whoseTimeIsOverLeavesAndCountsNoMore() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            assertThat(one.barriers().arrive("timed", 2, SHORT)).isEmpty();
            assertThat(one.barriers().arrive("timed", 2, Duration.ZERO)).isEmpty();
            assertThat(one.barriers().show("timed").waiting()).isZero();
            CompletableFuture<OptionalLong> waiting = two.barriers().arriveAsync("timed", 2, LONG);
            awaitThat(() -> one.barriers().show("timed").waiting() == 1);
            assertThat(waiting).isNotDone();
            assertThat(one.barriers().arrive("timed", 2, Duration.ZERO)).isPresent();
            assertThat(done(waiting)).isPresent();
        }
    }

    @Test
    void whoCancelsLeaves() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            CompletableFuture<OptionalLong> cancelled = one.barriers().arriveAsync("cancel", 2, LONG);
            awaitThat(() -> two.barriers().show("cancel").waiting() == 1);
            cancelled.cancel(false);
            awaitThat(() -> two.barriers().show("cancel").waiting() == 0);

            CompletableFuture<OptionalLong> atOnce = one.barriers().arriveAsync("cancel", 3, LONG);
            atOnce.cancel(false);
            awaitThat(() -> two.barriers().show("cancel").waiting() == 0);
            CompletableFuture<OptionalLong> waiting = one.barriers().arriveAsync("cancel", 2, LONG);
            assertThat(two.barriers().arrive("cancel", 2, LONG)).isEqualTo(done(waiting));
        }
    }

    @Test
    @Tag("case-69")
    void whoDiesDoesNotCountAndTheOthersGoOnWaiting() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            Session mortal = Session.connect(
                    cluster.clientAddresses(),
                    SessionOptions.builder().ttl(Duration.ofMillis(300)).build());
            CompletableFuture<OptionalLong> dying = mortal.barriers().arriveAsync("mortal", 3, LONG);
            CompletableFuture<OptionalLong> waiting = one.barriers().arriveAsync("mortal", 3, LONG);
            awaitThat(() -> one.barriers().show("mortal").waiting() == 2);

            mortal.detach();
            assertThatThrownBy(() -> done(dying)).hasCauseInstanceOf(OutcomeUnknownException.class);
            awaitThat(() -> one.barriers().show("mortal").waiting() == 1);
            CompletableFuture<OptionalLong> next = two.barriers().arriveAsync("mortal", 3, LONG);
            awaitThat(() -> one.barriers().show("mortal").waiting() == 2);
            assertThat(waiting).isNotDone();
            OptionalLong generation = two.barriers().arrive("mortal", 3, LONG);
            assertThat(done(waiting)).isEqualTo(generation);
            assertThat(done(next)).isEqualTo(generation);
        }
    }

    @Test
    void anotherNumberOfPartiesIsRefusedAndBothAreNamed() {
        try (Session one = connect();
                Session two = connect()) {
            CompletableFuture<OptionalLong> waiting = one.barriers().arriveAsync("parties", 3, LONG);
            awaitThat(() -> two.barriers().show("parties").waiting() == 1);
            assertThatThrownBy(() -> two.barriers().arrive("parties", 2, LONG))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("'parties'")
                    .hasMessageContaining("3 parties, not 2");
            assertThatThrownBy(() -> two.barriers().arrive("parties", 0, LONG))
                    .isInstanceOf(InvalidRequestException.class);
            assertThat(waiting).isNotDone();
        }
    }

    @Test
    void anInterruptedThreadLeaves() {
        try (Session session = connect()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> session.barriers().arrive("interrupted", 2, LONG))
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            awaitThat(() -> session.barriers().show("interrupted").waiting() == 0);
        }
    }

    private static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }
}
