package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.node.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Counters of three real nodes over TCP, as long as all is well. */
class CountersOverNetworkTest {
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
    void countsAndReadsOnEveryLevel() {
        try (Session session = connect()) {
            Counters counters = session.counters();
            assertThat(counters.get("levels")).isEqualTo(new CounterValue(0, 0));
            assertThat(counters.add("levels", 5)).isEqualTo(new CounterUpdate(0, 5, true));
            assertThat(counters.add("levels", -6, 0)).isEqualTo(new CounterUpdate(5, 5, false));
            assertThat(counters.set("levels", -3)).isEqualTo(new CounterUpdate(5, -3, true));
            assertThat(counters.compareAndSet("levels", 5, 1)).isEqualTo(new CounterUpdate(-3, -3, false));
            assertThat(counters.compareAndSet("levels", -3, 1)).isEqualTo(new CounterUpdate(-3, 1, true));
            long changed = counters.get("levels").changedIndex();
            assertThat(changed).isPositive();
            for (ReadConsistency consistency : ReadConsistency.values()) {
                if (consistency != ReadConsistency.LOCAL) {
                    assertThat(counters.get("levels", consistency))
                            .as(consistency.name())
                            .isEqualTo(new CounterValue(1, changed));
                }
            }
            assertThat(counters.delete("levels")).isTrue();
            assertThat(counters.delete("levels")).isFalse();
        }
    }

    @Test
    void theAsynchronousTwinsDoTheSame() throws Exception {
        try (Session session = connect()) {
            Counters counters = session.counters();
            assertThat(done(counters.addAsync("twins", 5))).isEqualTo(new CounterUpdate(0, 5, true));
            assertThat(done(counters.addAsync("twins", -6, 0))).isEqualTo(new CounterUpdate(5, 5, false));
            assertThat(done(counters.setAsync("twins", 7))).isEqualTo(new CounterUpdate(5, 7, true));
            assertThat(done(counters.compareAndSetAsync("twins", 7, 8))).isEqualTo(new CounterUpdate(7, 8, true));
            assertThat(done(counters.getAsync("twins", ReadConsistency.SESSION)).value())
                    .isEqualTo(8);
            assertThat(done(counters.deleteAsync("twins"))).isTrue();
        }
    }

    @Test
    void anOverflowIsRefusedAndChangesNothing() {
        try (Session session = connect()) {
            Counters counters = session.counters();
            counters.set("full", Long.MAX_VALUE);
            assertThatThrownBy(() -> counters.add("full", 1))
                    .isInstanceOf(CounterOverflowException.class)
                    .hasMessageContaining("'full'");
            assertThatThrownBy(() -> done(counters.addAsync("full", 1)))
                    .hasCauseInstanceOf(CounterOverflowException.class);
            assertThat(counters.get("full").value()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void aWrongNameIsRefused() {
        try (Session session = connect()) {
            assertThatThrownBy(() -> session.counters().add("", 1)).isInstanceOf(InvalidRequestException.class);
            assertThatThrownBy(() -> session.counters().awaitAtMost("", 0, LONG))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }

    @Test
    void manySessionsAtOnceLoseNoAddition() throws Exception {
        int sessions = 4;
        int additions = 100;
        List<Session> all = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                all.add(connect());
            }
            List<CompletableFuture<CounterUpdate>> updates = new ArrayList<>();
            for (int i = 0; i < additions; i++) {
                all.forEach(session -> updates.add(session.counters().addAsync("sum", 1)));
            }
            for (CompletableFuture<CounterUpdate> update : updates) {
                done(update);
            }
            assertThat(updates.stream().map(update -> update.join().after()))
                    .as("each sees another value")
                    .doesNotHaveDuplicates();
            assertThat(all.get(0).counters().get("sum").value()).isEqualTo((long) sessions * additions);
        } finally {
            all.forEach(Session::close);
        }
    }

    @Test
    @Tag("case-76")
    void whoWaitsIsToldWhenTheValueIsReached() throws Exception {
        try (Session one = connect();
                Session two = connect()) {
            one.latches().set("jobs", 2);
            one.counters().set("jobs", 9);
            CompletableFuture<Boolean> done = two.latches().awaitAtMostAsync("jobs", 0, LONG);
            one.latches().add("jobs", -1, 0);
            assertThat(two.latches().awaitAtMost("jobs", 1, LONG)).isTrue();
            assertThat(done).isNotDone();
            one.latches().add("jobs", -1, 0);
            assertThat(done(done)).isTrue();
            assertThat(two.latches().awaitAtMost("jobs", 0, Duration.ZERO)).isTrue();
            assertThat(two.counters().get("jobs").value())
                    .as("an atomic long of the same name")
                    .isEqualTo(9);
        }
    }

    @Test
    void aWaitEndsWithItsTimeWithItsFutureAndWithItsSession() throws Exception {
        try (Session one = connect()) {
            Session two = connect();
            one.counters().set("never", 1);
            assertThat(one.counters().awaitAtMost("never", 0, Duration.ZERO)).isFalse();
            assertThat(one.counters().awaitAtMost("never", 0, SHORT)).isFalse();
            assertThat(done(one.counters().awaitAtMostAsync("never", 0, SHORT))).isFalse();

            CompletableFuture<Boolean> cancelled = one.counters().awaitAtMostAsync("never", 0, LONG);
            assertThat(cancelled.cancel(false)).isTrue();

            CompletableFuture<Boolean> orphaned = two.counters().awaitAtMostAsync("never", 0, LONG);
            two.close();
            assertThatThrownBy(() -> done(orphaned)).hasCauseInstanceOf(NotAppliedException.class);
            assertThatThrownBy(() -> two.counters().awaitAtMost("never", 0, LONG))
                    .isInstanceOf(NotAppliedException.class);
        }
    }

    @Test
    void anInterruptedWaitIsGivenUp() {
        try (Session session = connect()) {
            session.counters().set("interrupted", 1);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> session.counters().awaitAtMost("interrupted", 0, LONG))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }
}
