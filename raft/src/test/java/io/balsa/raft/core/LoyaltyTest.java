package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that heard of a leader helps nobody to replace it for an election timeout, for that leader's lease counts on it. */
@Tag("case-64")
class LoyaltyTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");

    private final CoreCluster cluster = CoreCluster.of(3);
    private final CoreServer n1 = cluster.server(N1);

    @Test
    void loyaltyOutlivesTheLeadersTerm() {
        n1.step(new Input.Receive(new Message.AppendEntries(N2, N1, 5, 0, 0, List.of(), 0, 0, 0)));
        // Nobody asks for a vote, and yet it comes to a later term without a leader.
        n1.step(new Input.Receive(new Message.AppendEntriesRejected(N3, N1, 6, 0, 0, 0, 0, 0)));
        assertThat(n1.core().leader()).isEmpty();

        n1.step(new Input.Receive(new Message.RequestVote(N3, N1, 6, 0, 0, false)));
        assertThat(n1.disk().hardState()).isEqualTo(new HardState(6, Optional.empty()));
        assertThat(cluster.inFlight()).endsWith(new Message.RequestVoteResponse(N1, N3, 6, false));

        n1.step(new Input.Tick(CoreCluster.usualOptions(3).get(0).electionTimeoutMillis()));
        n1.step(new Input.Receive(new Message.RequestVote(N3, N1, 6, 0, 0, false)));
        assertThat(n1.disk().hardState()).isEqualTo(new HardState(6, Optional.of(N3)));
    }

    @Test
    void aVoteThatTheLeaderItselfAsksForIsGivenAtOnce() {
        n1.step(new Input.Receive(new Message.AppendEntries(N2, N1, 5, 0, 0, List.of(), 0, 0, 0)));
        n1.step(new Input.Receive(new Message.AppendEntriesRejected(N3, N1, 6, 0, 0, 0, 0, 0)));
        n1.step(new Input.Receive(new Message.RequestVote(N3, N1, 6, 0, 0, true)));
        assertThat(n1.disk().hardState()).isEqualTo(new HardState(6, Optional.of(N3)));
    }

    @Test
    void aVoteThatIsGivenIsGivenAgain() {
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 5, 0, 0, false)));
        n1.step(new Input.Receive(new Message.AppendEntries(N2, N1, 5, 0, 0, List.of(), 0, 0, 0)));
        n1.step(new Input.Receive(new Message.RequestVote(N2, N1, 5, 0, 0, false)));
        assertThat(cluster.inFlight()).endsWith(new Message.RequestVoteResponse(N1, N2, 5, true));
    }

    @Test
    void aLateRefusalOfAPreVoteDeposesNobody() {
        cluster.elect("n1");
        long term = n1.core().term();
        n1.step(new Input.Receive(new Message.PreVoteResponse(N3, N1, term + 3, false)));
        assertThat(n1.core().role()).isEqualTo(Role.LEADER);
        assertThat(n1.core().term()).isEqualTo(term);
    }

    @Test
    void aLeaseIsNoLongerThanItsFollowersAreLoyal() {
        Set<Long> confirmed = new HashSet<>();
        ClusterObserver reads = new ClusterObserver() {
            @Override
            public void effects(CoreServer server, Ready ready) {
                ready.reads().forEach(read -> confirmed.add(read.requestId()));
            }
        };
        // As while the timeout of a group is changed, one server after the other.
        List<CoreOptions> options = List.of(
                CoreOptions.of(N1, List.of(N1, N2, N3), 50, 2_000, 1),
                CoreOptions.of(N2, List.of(N1, N2, N3), 50, 200, 2),
                CoreOptions.of(N3, List.of(N1, N2, N3), 50, 200, 3));
        CoreCluster mixed = new CoreCluster(options, reads);
        mixed.servers().forEach(CoreServer::start);
        mixed.elect("n1");
        mixed.settle();
        mixed.tick(N1, 50);
        mixed.settle();
        mixed.isolate(N1);

        CoreServer leader = mixed.server(N1);
        mixed.tick(N1, 177);
        leader.step(new Input.LeaseRead(1));
        assertThat(confirmed).containsExactly(1L);
        mixed.tick(N1, 1);
        leader.step(new Input.LeaseRead(2));
        assertThat(confirmed).containsExactly(1L);
        assertThat(leader.core().role()).isEqualTo(Role.LEADER);
    }
}
