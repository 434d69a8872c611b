package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What sections 5.3 and 5.4 of the Raft paper (extended version) say about committing, sentence by sentence. */
class PaperCommitTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    @Test
    @DisplayName(
            "5.3: A log entry is committed once the leader that created the entry has replicated it on a majority of the"
                    + " servers.")
    void committedOnceOnAMajority() {
        for (int size = 1; size <= 7; size++) {
            CoreCluster cluster = CoreCluster.of(size);
            cluster.elect("n1");
            CoreServer leader = cluster.server("n1");
            cluster.propose("n1", "a");
            cluster.deliverAll();
            int holders = 0;
            for (CoreServer server : cluster.servers()) {
                assertThat(leader.core().commitIndex())
                        .as("on %d of %d", holders, size)
                        .isEqualTo(holders > size / 2 ? 2 : 1);
                server.persist();
                cluster.deliver(message -> message.to().equals(leader.id()));
                holders++;
            }
            assertThat(leader.core().commitIndex()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName(
            "5.3: This also commits all preceding entries in the leader's log, including entries created by previous"
                    + " leaders.")
    void precedingEntriesAreCommittedToo() {
        CoreCluster cluster = CoreCluster.of(3);
        cluster.given("n1", 1, 2, 2, 5);
        cluster.elect("n1");
        CoreServer n1 = cluster.server(N1);
        assertThat(n1.core().commitIndex()).isEqualTo(5);
        assertThat(n1.appliedIndex()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "5.3: The leader keeps track of the highest index it knows to be committed, and it includes that index in"
                    + " future AppendEntries RPCs (including heartbeats) so that the other servers eventually find out.")
    void heartbeatsTellWhatIsCommitted() {
        CoreCluster cluster = CoreCluster.of(3);
        cluster.elect("n1");
        cluster.propose("n1", "a");
        cluster.settle();
        assertThat(cluster.server(N1).core().commitIndex()).isEqualTo(2);
        cluster.tick("n1", CoreCluster.HEARTBEAT_MILLIS);
        cluster.settle();
        assertThat(cluster.servers()).allMatch(server -> server.core().commitIndex() == 2);
    }

    @Test
    @DisplayName(
            "5.3: Once a follower learns that a log entry is committed, it applies the entry to its local state machine"
                    + " (in log order).")
    void followersApplyInLogOrder() {
        SafetyChecker checker = new SafetyChecker(); // It sees that every server gives out entries in log order.
        CoreCluster cluster = new CoreCluster(CoreCluster.usualOptions(3), checker);
        checker.watch(cluster);
        cluster.servers().forEach(CoreServer::start);
        cluster.elect("n1");
        for (int i = 0; i < 10; i++) {
            cluster.propose("n1", "a" + i);
        }
        cluster.run(CoreCluster.HEARTBEAT_MILLIS);
        assertThat(cluster.servers()).allMatch(server -> server.appliedIndex() == 11);
    }

    @Test
    @DisplayName(
            "Figure 2: If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry).")
    void followerCommitsOnlyWhatItKnowsToMatch() {
        CoreCluster cluster = CoreCluster.of(3);
        // The last two entries of n2 are not the leader's, whose log up to 5 is committed.
        cluster.given("n2", 1, 1, 1);
        CoreServer n2 = cluster.server(N2);
        n2.step(new Input.Receive(new Message.AppendEntries(N1, N2, 4, 1, 1, List.of(), 5, 0, 0)));
        assertThat(n2.core().commitIndex()).isEqualTo(1);
        LogEntry second = new LogEntry(2, 3, EntryType.COMMAND, 0, new byte[0]);
        n2.step(new Input.Receive(new Message.AppendEntries(N1, N2, 4, 1, 1, List.of(second), 5, 0, 0)));
        assertThat(n2.core().commitIndex()).isEqualTo(2);
        assertThat(Narrator.describe(n2.log())).isEqualTo("[1/1 2/3]");
    }

    @Test
    @DisplayName(
            "5.4.1: All the committed entries from previous terms are present on each new leader from the moment of its"
                    + " election, without the need to transfer those entries to the leader.")
    void onlyWhoHasAllThatIsCommittedIsElected() {
        CoreCluster cluster = CoreCluster.of(5);
        cluster.elect("n1");
        cluster.isolate(N3);
        cluster.propose("n1", "a");
        cluster.settle();
        // n3 lacks it: however often it asks, it never wins. The others do.
        cluster.server(N1).crash(0);
        cluster.heal();
        for (int i = 0; i < 10; i++) {
            for (CoreServer server : cluster.servers()) {
                if (server.isUp() && !server.id().equals(N3)) {
                    server.step(new Input.Tick(CoreCluster.ELECTION_TIMEOUT_MILLIS));
                }
            }
            cluster.takeOut(message -> true);
            cluster.timeOut("n3");
            cluster.deliver(message -> message.from().equals(N3));
            cluster.deliver(message -> message.to().equals(N3));
            assertThat(cluster.server(N3).isLeader()).isFalse();
        }
        cluster.elect("n2");
        assertThat(cluster.server(N2).log()).hasSize(3);
    }

    @Test
    @DisplayName(
            "5.4.2: Raft never commits log entries from previous terms by counting replicas. Only log entries from the"
                    + " leader's current term are committed by counting replicas.")
    void oldEntriesAreNotCommittedByCounting() {
        CoreCluster cluster = CoreCluster.of(3);
        cluster.given("n1", 1, 2);
        cluster.given("n2", 1, 2);
        cluster.given("n3", 1, 2);
        cluster.timeOut("n1");
        cluster.deliver(message -> message instanceof Message.PreVote);
        cluster.deliver(message -> message instanceof Message.PreVoteResponse);
        cluster.deliver(message -> message instanceof Message.RequestVote);
        cluster.deliver(message -> message instanceof Message.RequestVoteResponse);
        CoreServer n1 = cluster.server(N1);
        assertThat(n1.isLeader()).isTrue();
        n1.persist();
        // All three store and acknowledge the entries up to 2, nobody but n1 its entry of term 3.
        n1.step(new Input.Receive(new Message.AppendEntriesAccepted(N2, N1, 3, 2, 0, 0)));
        n1.step(new Input.Receive(new Message.AppendEntriesAccepted(N3, N1, 3, 2, 0, 0)));
        assertThat(n1.core().commitIndex()).isZero();

        // "Once an entry from the current term has been committed in this way, then all prior entries are committed
        // indirectly because of the Log Matching Property."
        n1.step(new Input.Receive(new Message.AppendEntriesAccepted(N2, N1, 3, 3, 0, 0)));
        assertThat(n1.core().commitIndex()).isEqualTo(3);
    }
}
