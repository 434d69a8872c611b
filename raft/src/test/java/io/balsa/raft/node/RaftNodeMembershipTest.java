package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Servers are added to a group of real nodes, promoted and removed, and hand the leadership over. */
class RaftNodeMembershipTest {
    @Test
    @Tag("case-48")
    void aServerJoinsAsALearnerByASnapshotAndIsPromoted() {
        RaftOptions options = TestCluster.patientOptions()
                .compaction(new CompactionPolicy(1 << 20, 5, 1))
                .build();
        try (TestCluster cluster = new TestCluster(3, options).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            for (int i = 1; i <= 12; i++) {
                text(leader.propose("add w" + i));
            }
            await().atMost(PATIENCE).until(() -> leader.log.firstIndex() > 1);
            TestCluster.Server joiner = cluster.join("n4");
            change(leader, new MembershipChange.AddLearner(joiner.id, "n4:1"));
            await().atMost(PATIENCE)
                    .until(() -> joiner.machine.words().equals(leader.machine.words())
                            && joiner.node.members().isLearner(joiner.id));
            assertThat(joiner.machine.restores()).isPositive();
            change(leader, new MembershipChange.Promote(joiner.id));
            await().atMost(PATIENCE).until(() -> joiner.node.members().isVoter(joiner.id));
            assertThat(leader.node.status().voters()).hasSize(4);
        }
    }

    @Test
    void aServerThatJoinsAppliesWhatCameBeforeItKnewTheGroup() {
        try (TestCluster cluster = new TestCluster(1).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            text(leader.propose("add a"));
            TestCluster.Server joiner = cluster.join("n2");
            change(leader, new MembershipChange.AddLearner(joiner.id, "n2:1"));
            cluster.awaitWords("a");
            assertThat(joiner.machine.restores()).isZero();
        }
    }

    @Test
    @Tag("case-44")
    void aLeaderThatIsRemovedLeavesTheOthersALeaderAndAllThatWasWritten() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            text(leader.propose("add a"));
            change(leader, new MembershipChange.Remove(leader.id));
            List<TestCluster.Server> others = cluster.others(leader);
            TestCluster.Server next = TestCluster.awaitLeaderAmong(others);
            assertThat(next.node.members().voters()).doesNotContain(leader.id).hasSize(2);
            assertThat(text(next.read(ReadConsistency.LINEARIZABLE, "list"))).isEqualTo("a");
        }
    }

    @Test
    @Tag("case-47")
    void aServerThatIsRemovedLearnsItAndSaysSo() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server removed = cluster.others(leader).get(0);
            assertThat(removed.node.status().exclusion()).isEmpty();
            change(leader, new MembershipChange.Remove(removed.id));
            assertThat(removed.node.excluded()).succeedsWithin(PATIENCE).satisfies(exclusion -> {
                assertThat(exclusion.reason()).isEqualTo(Exclusion.Reason.REMOVED);
                assertThat(removed.node.status().exclusion()).contains(exclusion);
            });
            assertThat(leader.node.status().exclusion()).isEmpty();
            assertThat(leader.node.excluded()).isNotDone();
        }
    }

    @Test
    @Tag("case-49")
    void anIdThatWasRemovedIsRefusedForEver() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            NodeId removed = cluster.others(leader).get(0).id;
            change(leader, new MembershipChange.Remove(removed));
            ClientResponse again =
                    leader.answer(new ClientRequest.ChangeMembership(new MembershipChange.AddLearner(removed, "")));
            assertThat(again)
                    .isInstanceOfSatisfying(ClientResponse.Refused.class, refused -> assertThat(refused.tryAgain())
                            .isFalse());
        }
    }

    @Test
    void theAddressOfAFounderIsNotGivenToAnotherAlsoWhereOnlyTheTransportKnowsIt() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            assertThat(leader.node.members().addresses()).isEmpty();
            for (String founder : List.of("n1", "n2", "n3")) {
                ClientResponse response = leader.answer(new ClientRequest.ChangeMembership(
                        new MembershipChange.AddLearner(NodeId.of("n4"), founder + ":1")));
                assertThat(response)
                        .isEqualTo(new ClientResponse.Refused(
                                false, founder + " is reached at " + founder + ":1 already"));
            }
            change(leader, new MembershipChange.AddLearner(NodeId.of("n4"), "n4:1"));
        }
    }

    @Test
    void theLeadershipIsHandedToTheOneThatIsNamed() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server target = cluster.others(leader).get(1);
            // A target that is slow to campaign does so when it has been given up already; then nobody says that it is
            // done.
            await().atMost(PATIENCE)
                    .until(() -> target.leads()
                            || leader.answer(new ClientRequest.TransferLeadership(Optional.of(target.id)))
                                    instanceof ClientResponse.Done);
            await().atMost(PATIENCE).until(target::leads);
        }
    }

    @Test
    @Tag("case-12")
    void aTransferToAServerThatIsCutOffEndsAndTheLeaderGoesOn() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server target = cluster.others(leader).get(0);
            cluster.network.isolate(target.id);
            assertThat(leader.answer(new ClientRequest.TransferLeadership(Optional.of(target.id))))
                    .isInstanceOfAny(ClientResponse.TransferTimedOut.class, ClientResponse.Refused.class);
            await().atMost(PATIENCE).until(() -> leader.propose("add a") instanceof ClientResponse.Applied);
            assertThat(leader.leads()).isTrue();
        }
    }

    @Test
    void aLeaderThatIsClosedHandsOverFirst() {
        RaftOptions options = TestCluster.patientOptions()
                .handoverTimeout(Duration.ofSeconds(10))
                .build();
        try (TestCluster cluster = new TestCluster(3, options).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            long term = leader.node.status().term();
            leader.node.close();
            // By the vote that the leader asked for itself, so in the very next term.
            await().atMost(PATIENCE).until(() -> cluster.others(leader).stream().anyMatch(TestCluster.Server::leads));
            assertThat(cluster.others(leader))
                    .anyMatch(server -> server.leads() && server.node.status().term() == term + 1);
        }
    }

    @Test
    void aLeaderThatIsClosedHandsOverToAnotherWhenTheFirstOneIsTooSlow() {
        RaftOptions options = TestCluster.patientOptions()
                .handoverTimeout(Duration.ofSeconds(30))
                .build();
        try (TestCluster cluster = new TestCluster(3, options).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            text(leader.propose("add a"));
            cluster.awaitWords("a");
            TestCluster.Server first = cluster.others(leader).get(0);
            TestCluster.Server second = cluster.others(leader).get(1);
            // It is asked to campaign, and comes no further than to its disk; nor does it vote for anybody else.
            first.hardState.closeGate();
            leader.node.close();
            await().atMost(PATIENCE).until(second::leads);
            assertThat(first.leads()).isFalse();
        }
    }

    @Test
    void aFollowerServesStrongReadsByAskingItsLeader() {
        try (TestCluster cluster = new TestCluster(3).start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            text(leader.propose("add a"));
            for (TestCluster.Server follower : cluster.others(leader)) {
                await().atMost(PATIENCE)
                        .until(() -> follower.node.status().leader().isPresent());
                assertThat(text(follower.read(ReadConsistency.LINEARIZABLE, "list")))
                        .isEqualTo("a");
                assertThat(text(follower.read(ReadConsistency.LEASE, "list"))).isEqualTo("a");
            }
            assertThat(text(leader.read(ReadConsistency.LEASE, "list"))).isEqualTo("a");
        }
    }

    /** Says the same again while it is too early for it. */
    private static void change(TestCluster.Server leader, MembershipChange change) {
        await().atMost(PATIENCE).until(() -> {
            ClientResponse response = leader.answer(new ClientRequest.ChangeMembership(change));
            if (response instanceof ClientResponse.Refused refused) {
                assertThat(refused.tryAgain()).as(refused.reason()).isTrue();
            }
            return response instanceof ClientResponse.Done;
        });
    }
}
