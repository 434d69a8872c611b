package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.WatchServices;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The registry as sessions see it over TCP, when much happens in it. */
class RegistryOverNetworkTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int UNDER_WAY = 256;
    private static final int CLIENTS = 10;
    private static final int WATCHERS = 10_000;
    private static final SessionOptions PATIENT = SessionOptions.builder()
            .requestTimeout(Duration.ofMinutes(1))
            .ttl(Duration.ofMinutes(2))
            .build();

    @Test
    @Tag("case-80")
    void flappingHealthHardlyGrowsTheLogAndEndsWithTheLatest() {
        try (TestCluster cluster = TestCluster.inMemory(1);
                Session session = Session.connect(cluster.clientAddresses(), PATIENT)) {
            Services services = session.services();
            ServiceInstance instance = ServiceInstance.of("web", "a", "host", 80);
            long registered = services.register(instance);
            try (ServiceHealth health = services.health(instance, Duration.ofHours(1))) {
                for (int i = 0; i < 100_000; i++) {
                    health.report(i % 2 == 0 ? ServiceStatus.UNHEALTHY : ServiceStatus.HEALTHY);
                }
                awaitThat(() -> services.discover("web").index() > registered);
            }
            assertThat(session.keyValues().put("end", "")).as("the log's end").isEqualTo(registered + 2);

            ServiceInstance unhealthy = instance.withStatus(ServiceStatus.UNHEALTHY);
            try (ServiceHealth health = services.health(unhealthy, Duration.ofMillis(20))) {
                for (int i = 0; i < 999; i++) {
                    health.report(i % 2 == 0 ? ServiceStatus.HEALTHY : ServiceStatus.UNHEALTHY);
                }
                health.report(ServiceStatus.UNKNOWN);
                awaitThat(() ->
                        services.discover("web").services().get(0).instance().status() == ServiceStatus.UNKNOWN);
            }
        }
    }

    @Test
    @Tag("case-82")
    void aWatchFromBeforeTheHistoryListsAgainAndSoHearsOfEveryEnd() throws Exception {
        int tooMany = 5_100;
        try (TestCluster cluster = TestCluster.inMemory(1);
                Session watcher = Session.connect(cluster.clientAddresses(), PATIENT)) {
            Recorder recorder = new Recorder();
            watcher.services().register(ServiceInstance.of("web", "stays", "host", 1));
            ServiceWatch first = watcher.services().watch("web", recorder);
            awaitThat(() -> recorder.lists.size() == 1);
            first.close();

            try (Session writer = Session.connect(cluster.clientAddresses(), PATIENT)) {
                registerMany(writer, tooMany);
            }
            // Twice as many events as there were instances: more than the history keeps.
            try (ServiceWatch second = watcher.services().watchFrom("web", first.index(), recorder)) {
                awaitThat(() -> recorder.lists.size() == 2);
                assertThat(recorder.lists).allSatisfy(list -> assertThat(list.services())
                        .extracting(service -> service.instance().id())
                        .containsExactly("stays"));
                watcher.services().register(ServiceInstance.of("web", "new", "host", 2));
                awaitThat(() -> recorder.events.size() == 1);
                assertThat(second.index()).isGreaterThan(first.index() + tooMany);
            }
        }
    }

    @Test
    @Tag("case-83")
    void tenThousandWatchersReconnectAtOnceAndNobodyElectsOrMissesAnything() throws Exception {
        // Patient: what the machine's other work does to three nodes on it is not what is shown here.
        try (TestCluster cluster = TestCluster.inMemory(3, Duration.ofSeconds(5));
                Session writer = Session.connect(cluster.clientAddresses(), PATIENT)) {
            long term = cluster.node(cluster.awaitLeader()).status().term();
            Services services = writer.services();
            long start = services.register(ServiceInstance.of("web", "a", "host", 0));
            List<ClientSession> clients = connect(cluster);
            List<CompletableFuture<Optional<Answer>>> waiting = watch(clients, start);
            long first = services.register(ServiceInstance.of("web", "a", "host", 1));
            assertAllAreTold(waiting, first);

            // They wait again, all vanish, and all are back at once, where they were.
            watch(clients, first);
            clients.forEach(ClientSession::detach);
            List<ClientSession> again = connect(cluster);
            waiting = watch(again, first);
            long second = services.register(ServiceInstance.of("web", "a", "host", 2));
            assertAllAreTold(waiting, second);

            assertThat(cluster.node(cluster.awaitLeader()).status().term())
                    .as("no election")
                    .isEqualTo(term);
            again.forEach(ClientSession::detach);
        }
    }

    private static List<ClientSession> connect(TestCluster cluster) {
        List<ClientSession> sessions = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            sessions.add((ClientSession) Session.connect(cluster.clientAddresses(), PATIENT));
        }
        return sessions;
    }

    /** The requests of watches, without the watches: it is the servers that are to keep them all. */
    private static List<CompletableFuture<Optional<Answer>>> watch(List<ClientSession> clients, long afterIndex) {
        WatchServices query = WatchServices.newBuilder()
                .setName("web")
                .setAfterIndex(afterIndex)
                .build();
        List<CompletableFuture<Optional<Answer>>> answers = new ArrayList<>();
        for (int i = 0; i < WATCHERS; i++) {
            answers.add(clients.get(i % CLIENTS)
                    .await(ReadConsistency.SESSION, afterIndex, q -> q.setWatchServices(query), LONG, "watch"));
        }
        return answers;
    }

    private static void assertAllAreTold(List<CompletableFuture<Optional<Answer>>> answers, long index)
            throws Exception {
        for (CompletableFuture<Optional<Answer>> answer : answers) {
            assertThat(answer.get(LONG.toSeconds(), TimeUnit.SECONDS)
                            .orElseThrow()
                            .getServiceEvents()
                            .getEventsList())
                    .singleElement()
                    .extracting(event -> event.getService().getRegistrationIndex())
                    .isEqualTo(index);
        }
    }

    private static void registerMany(Session session, int count) throws Exception {
        Deque<CompletableFuture<Long>> underWay = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            underWay.add(session.services().registerAsync(ServiceInstance.of("web", "i" + i, "host", 1)));
            if (underWay.size() == UNDER_WAY) {
                underWay.remove().get(LONG.toSeconds(), TimeUnit.SECONDS);
            }
        }
        for (CompletableFuture<Long> registration : underWay) {
            registration.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }

    private static final class Recorder implements ServiceListener {
        private final Collection<ServiceList> lists = new ConcurrentLinkedQueue<>();
        private final Collection<ServiceEvent> events = new ConcurrentLinkedQueue<>();

        @Override
        public void onList(ServiceList list) {
            lists.add(list);
        }

        @Override
        public void onEvent(ServiceEvent event) {
            events.add(event);
        }
    }
}
