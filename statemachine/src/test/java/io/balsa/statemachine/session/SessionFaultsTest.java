package io.balsa.statemachine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.GetKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a session makes of a connection that fails. */
class SessionFaultsTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final SessionOptions IMPATIENT =
            SessionOptions.builder().requestTimeout(Duration.ofSeconds(2)).build();
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
    void aRetryAfterALostReplyHasOneEffectAndTheSameResult() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            server.loseReplies(3);
            int before = server.proposals();
            CompareAndSetResult result = session.keyValues().compareAndSet("once", Expected.absent(), new byte[] {1});
            assertThat(server.proposals() - before).isEqualTo(4);
            assertThat(result.isSet())
                    .as("the retries found the result of the first attempt")
                    .isTrue();

            server.loseReplies(1);
            LockGrant grant =
                    session.locks().acquire("once", TTL, Duration.ZERO).orElseThrow();
            assertThat(other.locks().show("once").holder())
                    .hasValueSatisfying(holder -> assertThat(holder.count()).isEqualTo(1));
            server.loseReplies(1);
            assertThat(session.locks().release(grant.id()))
                    .as("the first attempt released it")
                    .isTrue();
        }
    }

    @Test
    @Tag("case-57")
    void openingASessionAgainAfterALostReplyGivesTheSameSession() {
        server.loseReplies(2);
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            assertThat(session.keyValues().put("opened", "1")).isPositive();
        }
    }

    @Test
    @Tag("case-58")
    void aCommandOfASessionThatTheClusterEndedIsRefusedAndNeverExecuted() {
        // Its clock stands still, so it does not know that its time is over.
        Clock frozen = () -> 42;
        SessionOptions options = SessionOptions.builder()
                .ttl(Duration.ofSeconds(2))
                .keepAlive(false)
                .build();
        try (Session session =
                ClientSession.open(client, () -> {}, options, new SessionThreads(frozen, Optional.empty()))) {
            session.services().register(ServiceInstance.of("expired", "a", "host", 1));
            awaitThat(() -> other.services().discover("expired").services().isEmpty());
            assertThat(session.state()).isEqualTo(SessionState.CONNECTED);

            assertThatThrownBy(() -> session.keyValues().put("expired", "never"))
                    .isInstanceOf(SessionExpiredException.class)
                    .hasMessageContaining("put 'expired'")
                    .hasMessageContaining("open a new");
            assertThat(session.state()).isEqualTo(SessionState.LOST);
            assertThatThrownBy(() -> session.keyValues().put("expired", "never"))
                    .isInstanceOf(SessionExpiredException.class);
            assertThat(other.keyValues().get("expired")).isEmpty();
        }
    }

    @Test
    @Tag("case-60")
    void aTimeoutIsUnknownAndARefusalIsNotApplied() {
        try (Session session = Session.over(client, IMPATIENT)) {
            server.loseReplies(Integer.MAX_VALUE);
            assertThatThrownBy(() -> session.keyValues().put("unknown", "1"))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("put 'unknown'");
            assertThat(other.keyValues().get("unknown")).as("as it happened").isPresent();
            assertThat(session.state()).isEqualTo(SessionState.SUSPENDED);

            server.loseReplies(0);
            server.unreachable(true);
            assertThatThrownBy(() -> session.keyValues().put("not-applied", "1"))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("put 'not-applied'");
            server.unreachable(false);
            assertThat(session.keyValues().get("not-applied")).isEmpty();
            session.keyValues().put("again", "1");
            assertThat(session.state()).isEqualTo(SessionState.CONNECTED);
        }
    }

    @Test
    @Tag("case-60")
    void aLockWhoseGrantIsUnknownIsGivenBack() {
        try (Session session = Session.over(client, IMPATIENT)) {
            server.loseReplies(Integer.MAX_VALUE);
            assertThatThrownBy(() -> session.locks().acquire("doubtful", LONG, Duration.ZERO))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("'doubtful'");
            awaitThat(() -> other.locks().show("doubtful").isHeld());
            server.loseReplies(0);
            awaitThat(() -> !other.locks().show("doubtful").isHeld());
        }
    }

    @Test
    @Tag("case-74")
    void whoGivesUpWaitingInsistsWhenTheClusterIsAtALimit() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            LockGrant held = other.locks().acquire("full", TTL, Duration.ZERO).orElseThrow();
            var waiting = session.locks().acquireAsync("full", TTL, LONG);
            awaitThat(() -> other.locks().show("full").waiters().size() == 1);

            List<Long> sequences = new CopyOnWriteArrayList<>();
            List<Error.Code> refusals = List.of(
                    Error.Code.LIMIT, Error.Code.TOO_MANY_OUTSTANDING, Error.Code.LIMIT, Error.Code.UNSPECIFIED);
            server.refuse(command -> {
                if (!command.hasCancelAcquire()) {
                    return Error.Code.UNSPECIFIED;
                }
                sequences.add(command.getSequence());
                return refusals.get(Math.min(sequences.size(), refusals.size()) - 1);
            });
            waiting.cancel(false);
            awaitThat(() -> other.locks().show("full").waiters().isEmpty());

            assertThat(sequences)
                    .as("a refusal that is remembered needs a new number")
                    .hasSize(4);
            assertThat(sequences.get(1)).isGreaterThan(sequences.get(0)).isEqualTo(sequences.get(2));
            assertThat(sequences.get(3)).isGreaterThan(sequences.get(2));
            assertThat(other.locks().release(held.id())).isTrue();
        }
    }

    @Test
    @Tag("case-60")
    void aRefusalThatTheClusterDoesNotRememberLeavesTheOutcomeUnknown() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            server.refuse(command -> command.hasPut() ? Error.Code.TOO_MANY_OUTSTANDING : Error.Code.UNSPECIFIED);
            assertThatThrownBy(() -> session.keyValues().put("refused", "1"))
                    .isInstanceOf(OutcomeUnknownException.class);
            server.refuse(command -> command.hasPut() ? Error.Code.LIMIT : Error.Code.UNSPECIFIED);
            assertThatThrownBy(() -> session.keyValues().put("refused", "1")).isInstanceOf(NotAppliedException.class);
        }
    }

    @Test
    @Tag("case-75")
    void aClientThatIsCutOffGivesUpItsSessionByItsOwnClockAndForEver() {
        SessionOptions options = SessionOptions.builder()
                .ttl(Duration.ofSeconds(6))
                .requestTimeout(Duration.ofSeconds(2))
                .build();
        List<SessionState> states = new CopyOnWriteArrayList<>();
        try (Session session = Session.over(client, options)) {
            session.addListener(states::add);
            CompletableFuture<?> waiting = session.locks()
                    .acquireAsync("cut", TTL, Duration.ZERO)
                    .thenCompose(grant -> session.locks().acquireAsync("cut", TTL, LONG));
            awaitThat(() -> other.locks().show("cut").waiters().size() == 1);

            server.unreachable(true);
            awaitThat(() -> session.state() == SessionState.LOST);
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SessionExpiredException.class);
            server.unreachable(false);
            assertThatThrownBy(() -> session.keyValues().put("k", "v")).isInstanceOf(SessionExpiredException.class);
            awaitThat(() -> !other.locks().show("cut").isHeld());
            awaitThat(() -> states.contains(SessionState.LOST));
            assertThat(states).startsWith(SessionState.CONNECTED).endsWith(SessionState.SUSPENDED, SessionState.LOST);
            assertThat(session.remaining()).isZero();
        }
    }

    @Test
    @Tag("case-76")
    void aWaiterWhoseReadsAreLostIsServedAllTheSame() throws Exception {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            LockGrant held = other.locks().acquire("rearm", TTL, Duration.ZERO).orElseThrow();
            var waiting = session.locks().acquireAsync("rearm", TTL, LONG);
            awaitThat(() -> other.locks().show("rearm").waiters().size() == 1);
            server.loseAnswersToReads(2);
            other.locks().release(held.id());
            LockGrant grant = waiting.get(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(grant.token()).isGreaterThan(held.token());
        }
    }

    @Test
    void tooManyCommandsAtOnceAreRefusedAtOnceAndOnesThatWaitGetTheirTurn() throws Exception {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            session.keyValues().put("window", "0");
            server.silent(true);
            List<CompletableFuture<Long>> sent = new ArrayList<>();
            for (int i = 0; i < 512; i++) {
                sent.add(session.keyValues().putAsync("window", new byte[1]));
            }
            assertThat(sent).noneMatch(CompletableFuture::isDone);
            CompletableFuture<Long> refused = session.keyValues().putAsync("window", new byte[1]);
            assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("512");
            CompletableFuture<Long> patient =
                    CompletableFuture.supplyAsync(() -> session.keyValues().put("window", "last"));
            server.silent(false);
            for (CompletableFuture<Long> command : sent) {
                assertThat(command.get(30, TimeUnit.SECONDS)).isPositive();
            }
            assertThat(patient.get(30, TimeUnit.SECONDS)).isPositive();
        }
    }

    @Test
    @Tag("case-65")
    void localReadsNeverGoBackwards() {
        try (Session session = Session.over(client, SessionOptions.defaults())) {
            session.keyValues().put("local", "old");
            ClientResponse old = server.submit(new ClientRequest.Read(
                            ReadConsistency.LOCAL,
                            0,
                            Wire.query(
                                    query -> query.setGetKey(GetKey.newBuilder().setKey("local"))),
                            1_000))
                    .join();
            long revision = session.keyValues().put("local", "new");
            assertThat(session.keyValues().get("local")).isPresent();
            server.answerTheNextReadAsOnce(old);
            assertThat(session.keyValues().get("local", ReadConsistency.LOCAL)).hasValueSatisfying(value -> {
                assertThat(value.text()).isEqualTo("new");
                assertThat(value.revision()).isEqualTo(revision);
            });
        }
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONG).until(condition);
    }
}
