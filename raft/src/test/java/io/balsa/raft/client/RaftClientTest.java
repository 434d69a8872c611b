package io.balsa.raft.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How a client finds the leader and tells outcomes apart, with servers and time in the hands of the test. */
class RaftClientTest {
    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final byte[] COMMAND = "command".getBytes(UTF_8);
    private static final ClientResponse CUT = new ClientResponse.Unknown("the connection broke");

    private final FakeTimer timer = new FakeTimer();
    private final Map<String, FakeService> servers = new HashMap<>();
    private final List<String> connected = new ArrayList<>();

    private FakeService server(String address) {
        return servers.computeIfAbsent(address, unused -> new FakeService());
    }

    private RaftClient.Builder builder(String... addresses) {
        return RaftClient.builder()
                .addresses(List.of(addresses))
                .connector(address -> {
                    connected.add(address);
                    FakeService service = servers.get(address);
                    if (service == null) {
                        throw new IllegalStateException("connection refused");
                    }
                    return service;
                })
                .seed(7)
                .executor(Runnable::run)
                .timer(timer);
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("did not fail");
        } catch (CompletionException failure) {
            return failure.getCause();
        }
    }

    @Test
    void followsAHintAndRemembersTheLeader() {
        server("a").hintsAt("b");
        server("b").leads();
        try (RaftClient client = builder("a").build()) {
            assertThat(client.propose(COMMAND, FIVE_SECONDS, true)).isCompleted();
            assertThat(client.propose(COMMAND, FIVE_SECONDS, true)).isCompleted();
            assertThat(client.leaderAddress()).contains("b");
        }
        assertThat(server("a").requests).hasSize(1);
        assertThat(server("b").requests).hasSize(2);
        assertThat(timer.scheduled()).isZero();
    }

    @Test
    void triesAllServersAtOnceWhenTheFirstOnesCantBeReached() {
        server("c").leads();
        try (RaftClient client = builder("a", "b", "c").build()) {
            assertThat(client.propose(COMMAND, FIVE_SECONDS, false)).isCompleted();
        }
        assertThat(connected).contains("c");
    }

    @Test
    @Tag("case-66")
    void staleHintsThatGoInCirclesLeadToBoundedAttempts() {
        server("a").hintsAt("b");
        server("b").hintsAt("c");
        server("c").hintsAt("a");
        try (RaftClient client = builder("a", "b", "c").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, false);
            assertThat(asked("a", "b", "c")).isLessThanOrEqualTo(3);
            timer.advance(4_000);
            // 10, 20, 40, … ms, then 250 ms at most: about 20 rounds over three servers.
            assertThat(asked("a", "b", "c")).isBetween(30, 150);
            server("b").leads();
            timer.advance(300);
            assertThat(call).isCompleted();
        }
    }

    @Test
    @Tag("case-66")
    void hintsDoNotMakeAClientConnectToTheWholeWorld() {
        int[] next = {0};
        RaftClient.Builder builder = RaftClient.builder()
                .addresses(List.of("h0"))
                .connector(address -> {
                    connected.add(address);
                    return new FakeService().hintsAt("h" + ++next[0]);
                })
                .executor(Runnable::run)
                .timer(timer);
        try (RaftClient client = builder.build()) {
            CompletableFuture<?> call = client.propose(COMMAND, Duration.ofMinutes(1), false);
            timer.advance(60_000);
            assertThat(failureOf(call)).isInstanceOf(NotAppliedException.class);
        }
        assertThat(connected).hasSizeLessThanOrEqualTo(20);
    }

    @Test
    @Tag("case-60")
    void aTimeoutWithAnAttemptUnderWayIsUnknown() {
        server("a");
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, false);
            timer.advance(4_999);
            assertThat(call).isNotDone();
            timer.advance(1);
            assertThat(failureOf(call))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("within 5s")
                    .hasMessageContaining("a (no answer)");
        }
        assertThat(server("a").requests).hasSize(1);
    }

    @Test
    @Tag("case-60")
    void aTimeoutAfterRefusalsOnlyIsNotAppliedAndSaysWhatWasTried() {
        server("b").answers(new ClientResponse.NotLeader(Optional.empty()));
        try (RaftClient client = builder("a", "b").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, false);
            timer.advance(5_000);
            assertThat(failureOf(call))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("no leader answered within 5s")
                    .hasMessageContaining("a (connection refused)")
                    .hasMessageContaining("b (does not lead, knows no leader)");
        }
    }

    @Test
    void anUnknownOutcomeIsReportedAtOnceWhenTryingAgainIsNotSafe() {
        server("a").answers(CUT);
        server("b").leads();
        try (RaftClient client = builder("a").build()) {
            assertThat(failureOf(client.propose(COMMAND, FIVE_SECONDS, false)))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("the connection broke");
        }
        assertThat(server("a").requests).hasSize(1);
    }

    @Test
    @Tag("case-57")
    void anUnknownOutcomeIsTriedAgainWhenTheCommandIsExactlyOnce() {
        server("a")
                .answersBy(request ->
                        Optional.of(server("a").requests.size() < 3 ? CUT : new ClientResponse.Applied(7, COMMAND)));
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<ClientResponse.Applied> call = client.propose(COMMAND, FIVE_SECONDS, true);
            timer.advance(100);
            assertThat(call.join().index()).isEqualTo(7);
        }
        assertThat(server("a").requests).hasSize(3).allMatch(new ClientRequest.Propose(COMMAND)::equals);
    }

    @Test
    @Tag("case-60")
    void onceUnknownAlwaysUnknown() {
        server("a")
                .answersBy(request -> Optional.of(
                        server("a").requests.size() < 2 ? CUT : new ClientResponse.Unavailable("connection refused")));
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, true);
            timer.advance(5_000);
            assertThat(failureOf(call)).isInstanceOf(OutcomeUnknownException.class);
        }
    }

    @Test
    void anExactlyOnceCommandLeavesASilentServerForAnother() {
        server("a");
        server("b");
        try (RaftClient client = builder("a", "b").build()) {
            CompletableFuture<ClientResponse.Applied> call = client.propose(COMMAND, FIVE_SECONDS, true);
            String first = server("a").requests.isEmpty() ? "b" : "a";
            String second = first.equals("a") ? "b" : "a";
            timer.advance(1_999);
            assertThat(server(second).requests).isEmpty();
            timer.advance(1);
            assertThat(server(second).requests).hasSize(1);
            // A late answer of the first is as good as one of the second.
            server(first).unanswered.getFirst().complete(new ClientResponse.Applied(3, COMMAND));
            assertThat(call.join().index()).isEqualTo(3);
        }
    }

    @Test
    void aBusyLeaderIsAskedAgainAfterAPause() {
        server("a")
                .answersBy(request -> Optional.of(
                        server("a").requests.size() < 3
                                ? new ClientResponse.Busy()
                                : new ClientResponse.Applied(1, COMMAND)));
        server("b").answers(new ClientResponse.NotLeader(Optional.empty()));
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, false);
            assertThat(server("a").requests).hasSize(1);
            timer.advance(10);
            assertThat(server("a").requests).hasSize(2);
            timer.advance(20);
            assertThat(call).isCompleted();
        }
    }

    @Test
    void aRequestThatIsWrongInItselfIsNotTriedAgain() {
        server("a").answers(new ClientResponse.Invalid("too large"));
        try (RaftClient client = builder("a").build()) {
            assertThat(failureOf(client.propose(COMMAND, FIVE_SECONDS, true)))
                    .isInstanceOf(MalformedRequestException.class)
                    .hasMessageContaining("too large");
        }
        assertThat(server("a").requests).hasSize(1);
    }

    @Test
    void readsThatNeedNoLeaderGoToThePreferredServerFirst() {
        server("a").leads();
        server("b").leads();
        server("c").leads();
        try (RaftClient client = builder("a", "b", "c").preferred("b").build()) {
            assertThat(client.read(ReadConsistency.SESSION, 5, COMMAND, FIVE_SECONDS))
                    .isCompleted();
            assertThat(server("b").requests)
                    .containsExactly(new ClientRequest.Read(ReadConsistency.SESSION, 5, COMMAND, 2_000));
            server("b").answers(new ClientResponse.Unavailable("it was closed"));
            assertThat(client.read(ReadConsistency.LOCAL, 0, COMMAND, FIVE_SECONDS))
                    .isCompleted();
            assertThat(asked("a", "c")).isEqualTo(1);
        }
    }

    @Test
    void linearizableReadsGoToTheLeaderAndLeaveItWhenItIsSilent() {
        server("a").hintsAt("b");
        server("b");
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.read(ReadConsistency.LINEARIZABLE, 0, COMMAND, FIVE_SECONDS);
            assertThat(server("b").requests).hasSize(1);
            server("a").leads();
            timer.advance(2_100);
            assertThat(call).isCompleted();
            assertThat(client.leaderAddress()).contains("a");
        }
    }

    @Test
    void aReadThatFailsIsNeverUnknown() {
        server("a");
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.read(ReadConsistency.LOCAL, 0, COMMAND, FIVE_SECONDS);
            timer.advance(5_000);
            assertThat(failureOf(call))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("the read was not served");
        }
    }

    @Test
    void aReadThatWaitsIsEmptyWhenTheServersTimeIsOver() {
        server("a");
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<Optional<ClientResponse.Answer>> call =
                    client.await(ReadConsistency.SESSION, 4, COMMAND, Duration.ofSeconds(30));
            assertThat(server("a").requests)
                    .containsExactly(new ClientRequest.Read(ReadConsistency.SESSION, 4, COMMAND, 30_000));
            timer.advance(30_100);
            assertThat(call).isNotDone();
            server("a").unanswered.getFirst().complete(new ClientResponse.ReadTimedOut());
            assertThat(call.join()).isEmpty();
        }
    }

    @Test
    void statusAsksOneServerOnce() {
        server("b").leads();
        try (RaftClient client = builder("a", "b").build()) {
            assertThat(failureOf(client.status("a", FIVE_SECONDS)))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("connection refused");
        }
        assertThat(server("b").requests).isEmpty();
    }

    @Test
    void closingEndsCallsEachWithItsOwnOutcome() {
        server("a");
        server("b").answers(new ClientResponse.Busy());
        RaftClient client = builder("a").build();
        CompletableFuture<?> unknown = client.propose(COMMAND, FIVE_SECONDS, false);
        CompletableFuture<?> read = client.read(ReadConsistency.LOCAL, 0, COMMAND, FIVE_SECONDS);
        RaftClient other = builder("b").build();
        CompletableFuture<?> notApplied = other.propose(COMMAND, FIVE_SECONDS, false);
        client.close();
        client.close();
        other.close();
        assertThat(failureOf(unknown)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(failureOf(read)).isInstanceOf(NotAppliedException.class);
        assertThat(failureOf(notApplied)).isInstanceOf(NotAppliedException.class);
        assertThat(failureOf(client.propose(COMMAND, FIVE_SECONDS, true))).isInstanceOf(NotAppliedException.class);
        assertThat(server("a").isClosed()).isTrue();
        assertThat(timer.isClosed()).isTrue();
    }

    @Test
    @Tag("case-88")
    void moreCallsThanMayBeUnderWayFailAtOnce() {
        server("a");
        try (RaftClient client = builder("a").maxPending(2, 1_000).build()) {
            CompletableFuture<?> first = client.propose(COMMAND, FIVE_SECONDS, false);
            CompletableFuture<?> second = client.propose(COMMAND, FIVE_SECONDS, false);
            assertThat(failureOf(client.propose(COMMAND, FIVE_SECONDS, false)))
                    .isInstanceOf(NotAppliedException.class)
                    .hasMessageContaining("too many calls");
            assertThat(first).isNotDone();
            server("a").unanswered.getFirst().complete(new ClientResponse.Applied(1, COMMAND));
            assertThat(first).isCompleted();
            CompletableFuture<?> third = client.propose(COMMAND, FIVE_SECONDS, false);
            assertThat(second).isNotDone();
            assertThat(third).isNotDone();
        }
    }

    @Test
    void futuresCompleteOnTheExecutor() {
        server("a");
        List<Runnable> executor = new ArrayList<>();
        try (RaftClient client = builder("a").executor(executor::add).build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, false);
            server("a").unanswered.getFirst().complete(new ClientResponse.Applied(1, COMMAND));
            assertThat(call).isNotDone();
            executor.forEach(Runnable::run);
            assertThat(call).isCompleted();
        }
    }

    @Test
    void aCallThatItsCallerCancelledIsNotTriedAgain() {
        server("a").answers(new ClientResponse.Busy());
        try (RaftClient client = builder("a").build()) {
            CompletableFuture<?> call = client.propose(COMMAND, FIVE_SECONDS, true);
            call.cancel(false);
            timer.advance(5_000);
        }
        assertThat(server("a").requests).hasSize(1);
    }

    @Test
    void aClientNeedsAServer() {
        assertThatThrownBy(() -> builder().build()).isInstanceOf(IllegalArgumentException.class);
    }

    private int asked(String... addresses) {
        int asked = 0;
        for (String address : addresses) {
            asked += server(address).requests.size();
        }
        return asked;
    }
}
