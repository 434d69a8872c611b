package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client and real nodes, through the loss of leaders and of replies. */
class RaftClientFailoverTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static RaftClient clientOf(TestCluster cluster) {
        RaftClient.Builder builder = RaftClient.builder().attemptTimeout(Duration.ofSeconds(1));
        cluster.servers.forEach((id, server) -> builder.service(id + ":1", server.node));
        return builder.build();
    }

    @Test
    @Tag("case-57")
    void everyCommandHasOneEffectAlthoughLeadersAreLostOnTheWay() {
        try (TestCluster cluster = new TestCluster(3).start();
                RaftClient client = clientOf(cluster)) {
            List<String> words = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                TestCluster.Server leader = cluster.awaitLeader();
                List<CompletableFuture<ClientResponse.Applied>> calls = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    String word = "w" + round + "." + i;
                    words.add(word);
                    calls.add(client.propose(bytes("once " + word + " " + word), TIMEOUT, true));
                    if (i == 10) {
                        cluster.network.isolate(leader.id);
                    }
                }
                calls.forEach(CompletableFuture::join);
                assertThat(new String(
                                        client.read(ReadConsistency.LINEARIZABLE, 0, bytes("list"), TIMEOUT)
                                                .join()
                                                .answer(),
                                        UTF_8)
                                .split(",", -1))
                        .containsExactlyInAnyOrderElementsOf(words);
                cluster.network.heal();
            }
        }
    }

    @Test
    @Tag("case-57")
    void aRetryAfterALostReplyGivesTheSameResultAndNoSecondEffect() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            AtomicInteger asked = new AtomicInteger();
            try (RaftClient client = RaftClient.builder()
                    .service("n1:1", losingTheFirstReply(server.node, asked))
                    .build()) {
                ClientResponse.Applied applied =
                        client.propose(bytes("once id a"), TIMEOUT, true).join();
                assertThat(TestCluster.text(applied)).isEqualTo("1");
                assertThat(asked).hasValue(2);
                assertThat(server.machine.words()).containsExactly("a");
            }
        }
    }

    @Test
    @Tag("case-60")
    void aLostReplyIsUnknownAndTheCommandMayWellHaveBeenApplied() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            AtomicInteger asked = new AtomicInteger();
            try (RaftClient client = RaftClient.builder()
                    .service("n1:1", losingTheFirstReply(server.node, asked))
                    .build()) {
                assertThat(client.propose(bytes("add a"), TIMEOUT, false))
                        .failsWithin(TIMEOUT)
                        .withThrowableThat()
                        .withCauseInstanceOf(OutcomeUnknownException.class);
                assertThat(asked).hasValue(1);
                assertThat(server.machine.words()).containsExactly("a");
            }
        }
    }

    @Test
    void aWaitingReadGoesOnAtAnotherServerWhenItsOwnIsClosed() {
        try (TestCluster cluster = new TestCluster(3).start();
                RaftClient client = clientOf(cluster)) {
            TestCluster.Server leader = cluster.awaitLeader();
            CompletableFuture<?> waiting = client.await(ReadConsistency.LINEARIZABLE, 0, bytes("await 1"), TIMEOUT);
            leader.node.close();
            CompletableFuture<ClientResponse.Applied> added = client.propose(bytes("once a a"), TIMEOUT, true);
            assertThat(TestCluster.text(added.join())).isEqualTo("1");
            assertThat(waiting).succeedsWithin(TIMEOUT);
        }
    }

    private static RaftService losingTheFirstReply(RaftService service, AtomicInteger asked) {
        return (ClientRequest request) -> service.submit(request)
                .thenApply(response ->
                        asked.incrementAndGet() == 1 ? new ClientResponse.Unknown("the connection broke") : response);
    }
}
