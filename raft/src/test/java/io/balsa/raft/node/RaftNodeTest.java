package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import org.junit.jupiter.api.Test;

/** What a group of nodes does for its clients while nothing is broken. */
class RaftNodeTest {
    @Test
    void threeNodesElectALeaderAndApplyCommandsEverywhere() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            assertThat(text(leader.propose("add a"))).isEqualTo("1");
            assertThat(text(leader.propose("add b"))).isEqualTo("2");
            cluster.awaitWords("a", "b");
            assertThat(text(leader.read(ReadConsistency.LINEARIZABLE, "list"))).isEqualTo("a,b");
        }
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server follower = cluster.others(leader).get(0);
            await().atMost(PATIENCE).until(() -> follower.node.status().leader().isPresent());
            ClientResponse response = follower.propose("add a");
            assertThat(response).isInstanceOf(ClientResponse.NotLeader.class);
            assertThat(((ClientResponse.NotLeader) response).leader()).hasValueSatisfying(hint -> {
                assertThat(hint.id()).isEqualTo(leader.id);
                assertThat(hint.clientAddress()).isEqualTo(leader.id + ":1");
            });
            assertThat(follower.read(ReadConsistency.LINEARIZABLE, "list"))
                    .isInstanceOf(ClientResponse.NotLeader.class);
        }
    }

    @Test
    void aSessionReadWaitsForItsIndexAtAnyServer() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            long index = ((ClientResponse.Applied) leader.propose("add a")).index();
            for (TestCluster.Server server : cluster.servers.values()) {
                ClientResponse answer =
                        server.answer(new ClientRequest.Read(ReadConsistency.SESSION, index, bytes("list"), 10_000));
                assertThat(text(answer)).isEqualTo("a");
                assertThat(((ClientResponse.Answer) answer).appliedIndex()).isGreaterThanOrEqualTo(index);
            }
        }
    }

    @Test
    void statusTellsRoleTermLeaderAndIndexes() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            leader.propose("add a");
            assertThat(leader.node.status()).satisfies(status -> {
                assertThat(status.clusterId()).isEqualTo("test");
                assertThat(status.role()).isEqualTo(Role.LEADER);
                assertThat(status.term()).isPositive();
                assertThat(status.lastIndex()).isEqualTo(2);
                assertThat(status.lastApplied()).isEqualTo(2);
                assertThat(status.leader().orElseThrow().clientAddress()).isEqualTo("n1:1");
            });
        }
    }
}
