package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sections 5.1, 5.2 and 5.4.1 of the Raft paper (extended version), sentence by sentence. */
class PaperElectionTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final CoreCluster cluster = CoreCluster.of(3);
    private final CoreServer n1 = cluster.server(N1);

    @Test
    @DisplayName(
            "5.1: If one server's current term is smaller than the other's, then it updates its current term to the"
                    + " larger value.")
    void termIsUpdatedToTheLargerValue() {
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 7, 0, 0, false)));
        assertThat(n1.core().term()).isEqualTo(7);
        n1.step(new Input.Receive(heartbeat(N3, N1, 8)));
        assertThat(n1.core().term()).isEqualTo(8);
        n1.step(new Input.Receive(new Message.RequestVoteResponse(N2, N1, 9, false)));
        assertThat(n1.core().term()).isEqualTo(9);
        n1.step(new Input.Receive(new Message.AppendEntriesAccepted(N2, N1, 10, 0, 0, 0)));
        assertThat(n1.core().term()).isEqualTo(10);
        assertThat(n1.disk().hardState()).isEqualTo(new HardState(10, Optional.empty()));
    }

    @Test
    @DisplayName(
            "5.1: If a candidate or leader discovers that its term is out of date, it immediately reverts to follower"
                    + " state.")
    void candidateOrLeaderOfAnOldTermBecomesFollower() {
        becomeCandidate();
        n1.step(new Input.Receive(new Message.RequestVoteResponse(N2, N1, 5, false)));
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);

        cluster.elect("n1");
        n1.step(new Input.Receive(new Message.AppendEntriesRejected(N2, N1, 9, 0, 0, 0, 0, 0)));
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().term()).isEqualTo(9);
    }

    @Test
    @DisplayName("5.1: If a server receives a request with a stale term number, it rejects the request.")
    void requestsOfAnOldTermAreRejected() {
        cluster.given("n1", 5);
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 4, 99, 4, false)));
        n1.step(new Input.Receive(new Message.PreVote(N2, N1, 4, 99, 4)));
        n1.step(new Input.Receive(new Message.AppendEntries(N2, N1, 4, 0, 0, List.of(entry(1, 4)), 1, 0, 0)));
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.RequestVoteResponse(N1, N2, 5, false),
                        new Message.PreVoteResponse(N1, N2, 5, false),
                        new Message.AppendEntriesRejected(N1, N2, 5, 0, 0, 0, 0, 0));
        assertThat(n1.core().leader()).isEmpty();
        assertThat(n1.log()).extracting(LogEntry::term).containsExactly(5L);
    }

    @Test
    @DisplayName("5.2: When servers start up, they begin as followers.")
    void serversBeginAsFollowers() {
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        cluster.elect("n1");
        n1.crash(0);
        n1.start();
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().term()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "5.2: A server remains in follower state as long as it receives valid RPCs from a leader or candidate.")
    void followerRemainsOneWhileItHears() {
        for (int i = 0; i < 100; i++) {
            n1.step(new Input.Tick(CoreCluster.ELECTION_TIMEOUT_MILLIS - 1));
            n1.step(new Input.Receive(heartbeat(N2, N1, 1)));
        }
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().term()).isEqualTo(1);

        // From a candidate: a vote given away puts the timeout off.
        n1.step(new Input.Tick(CoreCluster.ELECTION_TIMEOUT_MILLIS - 1));
        n1.step(new Input.Tick(1));
        for (long term = 2; term < 100; term++) {
            n1.step(new Input.Receive(new Message.RequestVote(N2, N1, term, 0, 0, false)));
            n1.step(new Input.Tick(CoreCluster.ELECTION_TIMEOUT_MILLIS - 1));
            assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        }
    }

    @Test
    @DisplayName(
            "5.2: Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all followers in"
                    + " order to maintain their authority.")
    void leadersSendHeartbeats() {
        cluster.elect("n1");
        for (int i = 0; i < 4; i++) {
            cluster.tick("n1", CoreCluster.HEARTBEAT_MILLIS - 1);
            assertThat(cluster.inFlight()).isEmpty();
            cluster.tick("n1", 1);
            assertThat(cluster.inFlight()).hasSize(2).allSatisfy(message -> assertThat(message)
                    .isInstanceOfSatisfying(Message.AppendEntries.class, m -> assertThat(m.entries())
                            .isEmpty()));
            assertThat(cluster.takeOut(message -> true)).extracting(Message::to).containsExactly(N2, N3);
        }
    }

    @Test
    @DisplayName(
            "5.2: If a follower receives no communication over a period of time called the election timeout, then it"
                    + " assumes there is no viable leader and begins an election to choose a new leader.")
    void silenceBeginsAnElection() {
        cluster.elect("n1");
        n1.crash(0);
        cluster.run(4 * CoreCluster.ELECTION_TIMEOUT_MILLIS);
        assertThat(cluster.leader()).isPresent();
        assertThat(cluster.leader().orElseThrow().core().term()).isGreaterThan(1);
    }

    @Test
    @DisplayName(
            "5.2: To begin an election, a follower increments its current term and transitions to candidate state. It"
                    + " then votes for itself and issues RequestVote RPCs in parallel to each of the other servers in the"
                    + " cluster.")
    void candidateVotesForItselfAndAsksAllOthers() {
        cluster.given("n1", 1, 1, 3);
        becomeCandidate();
        assertThat(n1.core().role()).isEqualTo(Role.CANDIDATE);
        assertThat(n1.disk().hardState()).isEqualTo(new HardState(4, Optional.of(N1)));
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.RequestVote(N1, N2, 4, 3, 3, false),
                        new Message.RequestVote(N1, N3, 4, 3, 3, false));
    }

    @Test
    @DisplayName(
            "5.2: A candidate wins an election if it receives votes from a majority of the servers in the full cluster"
                    + " for the same term.")
    void aMajorityOfTheFullClusterWins() {
        for (int size = 1; size <= 9; size++) {
            CoreCluster group = CoreCluster.of(size);
            CoreServer candidate = group.server("n1");
            group.timeOut("n1");
            group.deliver(message -> message instanceof Message.PreVote);
            group.deliver(message -> message instanceof Message.PreVoteResponse);
            group.deliver(message -> message instanceof Message.RequestVote);
            int votes = 1;
            for (Message vote : group.takeOut(message -> message instanceof Message.RequestVoteResponse)) {
                assertThat(candidate.isLeader())
                        .as("%d votes of %d", votes, size)
                        .isEqualTo(votes > size / 2);
                // The same vote twice is one vote.
                group.deliver(vote);
                group.deliver(vote);
                votes++;
            }
            assertThat(votes).isEqualTo(size);
            assertThat(candidate.isLeader()).isTrue();
        }
    }

    @Test
    @DisplayName("5.2: Each server will vote for at most one candidate in a given term, on a first-come-first-served"
            + " basis.")
    void oneVoteInATerm() {
        n1.step(new Input.Receive(new Message.RequestVote(N3, N1, 1, 0, 0, false)));
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 1, 9, 1, false)));
        n1.step(new Input.Receive(new Message.RequestVote(N3, N1, 1, 0, 0, false)));
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.RequestVoteResponse(N1, N3, 1, true),
                        new Message.RequestVoteResponse(N1, N2, 1, false),
                        new Message.RequestVoteResponse(N1, N3, 1, true));
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 2, 0, 0, false)));
        assertThat(cluster.inFlight()).last().isEqualTo(new Message.RequestVoteResponse(N1, N2, 2, true));
    }

    @Test
    @DisplayName(
            "5.2: Once a candidate wins an election, it becomes leader. It then sends heartbeat messages to all of the"
                    + " other servers to establish its authority and prevent new elections.")
    void aNewLeaderSpeaksAtOnce() {
        becomeCandidate();
        n1.step(new Input.Receive(new Message.RequestVoteResponse(N2, N1, 1, true)));
        assertThat(cluster.takeOut(message -> message instanceof Message.AppendEntries))
                .extracting(Message::to)
                .containsExactly(N2, N3);
    }

    @Test
    @DisplayName(
            "5.2: If the leader's term (included in its RPC) is at least as large as the candidate's current term, then"
                    + " the candidate recognizes the leader as legitimate and returns to follower state.")
    void candidateRecognizesALeader() {
        becomeCandidate();
        n1.step(new Input.Receive(heartbeat(N2, N1, 1)));
        assertThat(n1.core().role()).isEqualTo(Role.FOLLOWER);
        assertThat(n1.core().leader()).contains(N2);
        assertThat(n1.disk().hardState().votedFor())
                .as("its vote stays its own")
                .contains(N1);
    }

    @Test
    @DisplayName(
            "5.2: If the term in the RPC is smaller than the candidate's current term, then the candidate rejects the"
                    + " RPC and continues in candidate state.")
    void candidateIgnoresAnOldLeader() {
        cluster.given("n1", 3);
        becomeCandidate();
        cluster.takeOut(message -> true);
        n1.step(new Input.Receive(heartbeat(N2, N1, 3)));
        assertThat(n1.core().role()).isEqualTo(Role.CANDIDATE);
        assertThat(cluster.inFlight()).singleElement().isInstanceOf(Message.AppendEntriesRejected.class);
    }

    @Test
    @DisplayName(
            "5.2: Each candidate will time out and start a new election by incrementing its term and initiating another"
                    + " round of RequestVote RPCs.")
    void candidateStartsAgain() {
        becomeCandidate();
        cluster.takeOut(message -> true);
        becomeCandidate();
        assertThat(n1.core().term()).isEqualTo(2);
        assertThat(cluster.inFlight())
                .containsExactly(
                        new Message.RequestVote(N1, N2, 2, 0, 0, false),
                        new Message.RequestVote(N1, N3, 2, 0, 0, false));
    }

    @Test
    @DisplayName("5.2: Election timeouts are chosen randomly from a fixed interval.")
    void timeoutsAreRandom() {
        Set<Long> timeouts = new HashSet<>();
        List<NodeId> ids = CoreCluster.ids(3);
        for (long seed = 0; seed < 200; seed++) {
            CoreOptions options =
                    CoreOptions.of(N1, ids, CoreCluster.HEARTBEAT_MILLIS, CoreCluster.ELECTION_TIMEOUT_MILLIS, seed);
            timeouts.add(new RaftCore(options, HardState.INITIAL, Optional.empty(), new CrashingDisk())
                    .millisUntilTimeout());
        }
        assertThat(timeouts)
                .allMatch(timeout -> timeout >= CoreCluster.ELECTION_TIMEOUT_MILLIS
                        && timeout <= 2 * CoreCluster.ELECTION_TIMEOUT_MILLIS)
                .hasSizeGreaterThan(100);
    }

    @Test
    @DisplayName("5.2: Each candidate restarts its randomized election timeout at the start of an election.")
    void timeoutsAreDrawnAnew() {
        Set<Long> timeouts = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            cluster.timeOut("n1");
            timeouts.add(n1.core().millisUntilTimeout());
        }
        assertThat(timeouts).hasSizeGreaterThan(25);
    }

    @Test
    @DisplayName(
            "5.4.1: The voter denies its vote if its own log is more up-to-date than that of the candidate. If the logs"
                    + " have last entries with different terms, then the log with the later term is more up-to-date. If the"
                    + " logs end with the same term, then whichever log is longer is more up-to-date.")
    void votesOnlyForLogsThatAreUpToDate() {
        // The voter's log is 1, 2, 2.
        assertThat(votesFor(3, 2)).as("the same").isTrue();
        assertThat(votesFor(4, 2)).as("longer").isTrue();
        assertThat(votesFor(2, 2)).as("shorter").isFalse();
        assertThat(votesFor(1, 3)).as("shorter, later term").isTrue();
        assertThat(votesFor(9, 1)).as("longer, earlier term").isFalse();
        assertThat(votesFor(0, 0)).as("empty").isFalse();
    }

    private static boolean votesFor(long lastLogIndex, long lastLogTerm) {
        CoreCluster fresh = CoreCluster.of(3);
        fresh.given("n1", 1, 2, 2);
        CoreServer voter = fresh.server(N1);
        voter.step(new Input.Receive(new Message.PreVote(N2, N1, 9, lastLogIndex, lastLogTerm)));
        voter.step(new Input.Receive(new Message.RequestVote(N2, N1, 9, lastLogIndex, lastLogTerm, false)));
        boolean granted = fresh.inFlight().contains(new Message.RequestVoteResponse(N1, N2, 9, true));
        long preVoteTerm = granted ? 9 : 2;
        assertThat(fresh.inFlight())
                .as("what it would do, and what it does")
                .contains(new Message.PreVoteResponse(N1, N2, preVoteTerm, granted));
        return granted;
    }

    /** Lets n1 time out and have a majority for its question whether to campaign. */
    private void becomeCandidate() {
        cluster.timeOut("n1");
        long nextTerm = n1.core().term() + 1;
        cluster.takeOut(message -> message instanceof Message.PreVote);
        n1.step(new Input.Receive(new Message.PreVoteResponse(N2, N1, nextTerm, true)));
    }

    private static Message heartbeat(NodeId from, NodeId to, long term) {
        return new Message.AppendEntries(from, to, term, 0, 0, List.of(), 0, 0, 0);
    }

    private static LogEntry entry(long index, long term) {
        return new LogEntry(index, term, EntryType.COMMAND, 0, new byte[0]);
    }
}
