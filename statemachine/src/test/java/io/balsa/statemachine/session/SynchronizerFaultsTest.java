package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RaftClient;
import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.proto.Error;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What counters and barriers make of a connection that fails. */
class SynchronizerFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final SessionOptions IMPATIENT =
            SessionOptions.builder().requestTimeout(Duration.ofMillis(300)).build();
    private static TestCluster cluster;

    private final NettyRaftService connection =
            new NettyRaftService(HostAndPort.parse(cluster.clientAddresses()), "test", ServiceConnectionLimits.DEFAULT);
    private final FaultyService server = new FaultyService(connection);
    private final RaftClient client = RaftClient.builder()
            .service(cluster.clientAddresses(), server)
            .executor(Runnable::run)
            .build();
    private Session other;

    @BeforeAll
    static void startCluster() {
        cluster = TestCluster.inMemory(1);
        cluster.awaitLeader();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void connect() {
        other = Session.connect(cluster.clientAddresses());
    }

    @AfterEach
    void disconnect() {
        other.close();
        client.close();
        connection.close();
    }

    @Test
    @Tag("case-57")
    void whatIsSentAgainCountsOnce() throws Exception {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            server.loseReplies(3);
            assertThat(session.counters().add("once", 5)).isEqualTo(new CounterUpdate(0, 5, true));
            assertThat(other.counters().get("once").value()).isEqualTo(5);

            server.loseReplies(2);
            CompletableFuture<OptionalLong> waiting = session.barriers().arriveAsync("once", 3, LONG);
            awaitThat(() -> other.barriers().show("once").waiting() > 0);
            assertThat(other.barriers().arrive("once", 3, SHORT)).isEmpty();
            CompletableFuture<OptionalLong> second = other.barriers().arriveAsync("once", 3, LONG);
            assertThat(other.barriers().arrive("once", 3, LONG)).isEqualTo(done(waiting));
            assertThat(done(second)).isEqualTo(done(waiting));
        }
    }

    @Test
    @Tag("case-76")
    void whoWaitsAsksAgainWhenAnAnswerIsLost() throws Exception {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            other.counters().set("lost", 1);
            CompletableFuture<OptionalLong> barrier = session.barriers().arriveAsync("lost", 2, LONG);
            CompletableFuture<Boolean> counter = session.counters().awaitAtMostAsync("lost", 0, LONG);
            awaitThat(() -> other.barriers().show("lost").waiting() == 1);
            server.loseAnswersToReads(5);

            other.counters().set("lost", 0);
            assertThat(other.barriers().arrive("lost", 2, LONG)).isEqualTo(done(barrier));
            assertThat(done(counter)).isTrue();
        }
    }

    @Test
    @Tag("case-60")
    void whoseArrivalIsUnknownLeavesAsSoonAsTheClusterAnswers() {
        try (Session session = Session.over(client, IMPATIENT)) {
            server.loseReplies(Integer.MAX_VALUE);
            assertThatThrownBy(() -> session.barriers().arrive("doubtful", 2, SHORT))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("'doubtful'");
            awaitThat(() -> other.barriers().show("doubtful").waiting() == 1);
            server.loseReplies(0);
            awaitThat(() -> other.barriers().show("doubtful").waiting() == 0);
        }
    }

    @Test
    void whoseTimeIsOverButWhoPassedBeforeIsToldSo() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            AtomicReference<OptionalLong> passed = new AtomicReference<>();
            server.refuse(command -> {
                if (command.hasLeaveBarrier() && passed.get() == null) {
                    // The last one comes while the other's leaving is on its way.
                    passed.set(other.barriers().arrive("late", 2, LONG));
                }
                return Error.Code.UNSPECIFIED;
            });
            server.loseAnswersToReads(Integer.MAX_VALUE);

            OptionalLong generation = session.barriers().arrive("late", 2, SHORT);

            assertThat(generation).isPresent().isEqualTo(passed.get());
            server.loseAnswersToReads(0);
        }
    }

    @Test
    void whoseLeavingIsRefusedAsksAgain() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            AtomicInteger asked = new AtomicInteger();
            server.refuse(command -> command.hasLeaveBarrier() && asked.incrementAndGet() < 3
                    ? Error.Code.LIMIT
                    : Error.Code.UNSPECIFIED);
            assertThat(session.barriers().arrive("refused", 2, SHORT)).isEmpty();
            assertThat(asked).hasValue(3);
            assertThat(other.barriers().show("refused").waiting()).isZero();
        }
    }

    @Test
    void anArrivalThatIsRefusedIsNotThere() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            server.refuse(command -> command.hasArriveAtBarrier() ? Error.Code.LIMIT : Error.Code.UNSPECIFIED);
            assertThatThrownBy(() -> session.barriers().arrive("full", 2, LONG))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("limit");
            assertThat(other.barriers().show("full").waiting()).isZero();
        }
    }

    @Test
    void aWaitForACounterThatNobodyAnswersInTheEndFails() {
        try (Session session = Session.over(client, IMPATIENT)) {
            other.counters().set("cut", 1);
            server.unreachable(true);
            assertThatThrownBy(() -> session.counters().awaitAtMost("cut", 0, SHORT))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("'cut'");
            server.unreachable(false);

            CompletableFuture<Boolean> waiting = session.counters().awaitAtMostAsync("cut", 0, Duration.ofSeconds(1));
            server.loseAnswersToReads(Integer.MAX_VALUE);
            assertThatThrownBy(() -> done(waiting)).hasCauseInstanceOf(NotAppliedException.class);
        }
    }

    private static <T> T done(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }
}
