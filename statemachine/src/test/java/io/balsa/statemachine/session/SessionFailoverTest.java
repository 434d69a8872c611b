package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.statemachine.node.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions whose cluster loses its leader, or everything but its disks. */
class SessionFailoverTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final SessionOptions PATIENT = SessionOptions.builder()
            .requestTimeout(Duration.ofSeconds(20))
            .ttl(Duration.ofSeconds(60))
            .build();

    @Test
    @Tag("case-67")
    @Tag("case-71")
    @Tag("case-76")
    void locksAndWaitersSurviveTheLeader() throws Exception {
        try (TestCluster cluster = TestCluster.inMemory(3);
                Session holder = Session.connect(cluster.clientAddresses(), PATIENT);
                Session waiter = Session.connect(cluster.clientAddresses(), PATIENT)) {
            LockGrant held =
                    holder.locks().acquire("orders", LONG, Duration.ZERO).orElseThrow();
            CompletableFuture<Optional<LockGrant>> waiting = waiter.locks().acquireAsync("orders", LONG, LONG);
            awaitThat(() -> holder.locks().show("orders").waiters().size() == 1);

            cluster.stop(cluster.awaitLeader());
            assertThat(holder.locks().renew(held.id(), LONG)).as("still held").isPresent();
            assertThat(waiting).isNotDone();
            assertThat(holder.locks().release(held.id())).isTrue();
            LockGrant next = waiting.get(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(next.token()).isGreaterThan(held.token());
            assertThat(holder.state()).isEqualTo(SessionState.CONNECTED);
        }
    }

    @Test
    @Tag("case-57")
    @Tag("case-76")
    void countersLatchesAndBarriersSurviveTheLeader() throws Exception {
        int additions = 200;
        try (TestCluster cluster = TestCluster.inMemory(3);
                Session one = Session.connect(cluster.clientAddresses(), PATIENT);
                Session two = Session.connect(cluster.clientAddresses(), PATIENT)) {
            one.latches().set("jobs", 2);
            CompletableFuture<Boolean> latch = two.latches().awaitAtMostAsync("jobs", 0, LONG);
            CompletableFuture<OptionalLong> barrier = two.barriers().arriveAsync("start", 2, LONG);
            awaitThat(() -> one.barriers().show("start").waiting() == 1);
            List<CompletableFuture<CounterUpdate>> updates = new ArrayList<>();
            for (int i = 0; i < additions; i++) {
                updates.add(one.counters().addAsync("sum", 1));
                if (i == additions / 2) {
                    cluster.stop(cluster.awaitLeader());
                }
            }
            for (CompletableFuture<CounterUpdate> update : updates) {
                update.get(30, TimeUnit.SECONDS);
            }
            assertThat(one.counters().get("sum").value()).isEqualTo(additions);
            one.latches().add("jobs", -1, 0);
            assertThat(latch).isNotDone();
            assertThat(barrier).isNotDone();
            one.latches().add("jobs", -1, 0);
            assertThat(latch.get(30, TimeUnit.SECONDS)).isTrue();
            OptionalLong last = one.barriers().arrive("start", 2, LONG);
            assertThat(last).isPresent();
            assertThat(barrier.get(30, TimeUnit.SECONDS)).isEqualTo(last);
        }
    }

    @Test
    @Tag("case-81")
    void aWatchTellsEveryChangeOnceAndInOrderThroughAFailover() {
        int changes = 60;
        try (TestCluster cluster = TestCluster.inMemory(3);
                Session writer = Session.connect(cluster.clientAddresses(), PATIENT);
                Session watcher = Session.connect(cluster.clientAddresses(), PATIENT)) {
            List<Integer> versions = new CopyOnWriteArrayList<>();
            List<Long> indexes = new CopyOnWriteArrayList<>();
            ServiceListener listener = new ServiceListener() {
                @Override
                public void onList(ServiceList list) {
                    indexes.add(list.index());
                }

                @Override
                public void onEvent(ServiceEvent event) {
                    indexes.add(event.index());
                    versions.add(Integer.parseInt(event.service().instance().version()));
                }
            };
            ServiceInstance instance = ServiceInstance.of("web", "a", "host", 80);
            ServiceWatch first = watcher.services().watch("web", listener);
            awaitThat(() -> !indexes.isEmpty());
            for (int version = 0; version < changes; version++) {
                if (version == changes / 3) {
                    cluster.stop(cluster.awaitLeader());
                }
                writer.services().register(instance.withVersion(Integer.toString(version)));
                if (version == changes / 2) {
                    awaitThat(() -> versions.size() > changes / 2 && first.index() >= indexes.get(indexes.size() - 1));
                    first.close();
                    watcher.services().watchFrom("web", first.index(), listener);
                }
            }
            awaitThat(() -> versions.size() >= changes);
            assertThat(versions)
                    .containsExactlyElementsOf(
                            IntStream.range(0, changes).boxed().toList());
            assertThat(indexes)
                    .as("one list, at the start")
                    .hasSize(changes + 1)
                    .isSorted();
        }
    }

    @Test
    void aSessionInProcessOutlivesTheLeadershipOfItsNode() {
        try (TestCluster cluster = TestCluster.inMemory(3)) {
            String leader = cluster.awaitLeader();
            String follower = cluster.awaitFollower();
            try (Session session = cluster.node(follower).openSession(PATIENT)) {
                session.keyValues().put("k", "before");
                cluster.stop(leader);
                session.keyValues().put("k", "after");
                assertThat(session.keyValues().get("k")).map(KeyValue::text).contains("after");
            }
        }
    }

    @Test
    @Tag("case-67")
    void whatWasAcknowledgedSurvivesTheEndOfAllNodes(@TempDir Path directory) {
        try (TestCluster cluster = TestCluster.durable(3, directory);
                Session session = Session.connect(cluster.clientAddresses(), PATIENT)) {
            session.keyValues().put("k", "durable");
            LockGrant held = session.locks()
                    .acquire("orders", Duration.ofMinutes(5), Duration.ZERO)
                    .orElseThrow();
            List<String> all = List.of("n1", "n2", "n3");
            all.forEach(cluster::stop);
            all.forEach(cluster::start);
            cluster.awaitLeader();
            assertThat(session.keyValues().get("k")).map(KeyValue::text).contains("durable");
            assertThat(session.locks().show("orders").holder())
                    .map(LockInfo.Holder::id)
                    .contains(held.id());
            assertThat(session.locks().release(held.id())).isTrue();
            List<Long> tokens = new ArrayList<>(List.of(held.token()));
            for (int i = 0; i < 3; i++) {
                LockGrant again =
                        session.locks().acquire("orders", LONG, Duration.ZERO).orElseThrow();
                tokens.add(again.token());
                session.locks().release(again.id());
            }
            assertThat(tokens).isSorted().doesNotHaveDuplicates();
        }
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }
}
