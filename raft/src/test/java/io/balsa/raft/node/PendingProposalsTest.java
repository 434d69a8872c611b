package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Proposals belong to the entry at their index only if it is of their term. */
class PendingProposalsTest {
    private final LeaderHint leader = new LeaderHint(NodeId.of("n2"), "n2:1");
    private final PendingProposals pending = new PendingProposals(() -> Optional.of(leader));
    private final Outstanding outstanding = new Outstanding(new Budget(10, 1_000));

    private CompletableFuture<ClientResponse> append(long term, long index) {
        Proposal proposal = new Proposal(bytes("add a"), outstanding);
        return outstanding.admit(proposal, admitted -> {
            admitted.handOver();
            pending.appended(term, index, admitted);
            return true;
        });
    }

    @Test
    void theEntryOfTheSameTermAnswersItsProposal() {
        CompletableFuture<ClientResponse> proposed = append(3, 7);
        pending.applied(3, 6, bytes("other"));
        assertThat(proposed).isNotDone();
        pending.applied(3, 7, bytes("result"));
        assertThat(proposed.join()).isInstanceOfSatisfying(ClientResponse.Applied.class, applied -> {
            assertThat(applied.index()).isEqualTo(7);
            assertThat(applied.result()).isEqualTo(bytes("result"));
        });
        assertThat(outstanding.count()).isZero();
    }

    @Test
    @Tag("case-60")
    void anEntryOfAnotherTermAtTheIndexMeansCertainlyNotApplied() {
        CompletableFuture<ClientResponse> proposed = append(3, 7);
        pending.applied(4, 7, bytes("another's result"));
        assertThat(proposed.join()).isEqualTo(new ClientResponse.NotLeader(Optional.of(leader)));
    }

    @Test
    @Tag("case-60")
    void lostLeadershipLeavesTheOutcomeUnknown() {
        CompletableFuture<ClientResponse> old = append(3, 7);
        CompletableFuture<ClientResponse> current = append(5, 8);
        pending.leadershipEndedBefore(5);
        assertThat(old.join()).isInstanceOf(ClientResponse.Unknown.class);
        assertThat(current).isNotDone();
    }

    @Test
    void aProposalWhosePlaceIsTakenByALaterOneIsUnknown() {
        CompletableFuture<ClientResponse> old = append(3, 7);
        CompletableFuture<ClientResponse> current = append(5, 7);
        assertThat(old.join()).isInstanceOf(ClientResponse.Unknown.class);
        pending.applied(5, 7, bytes("result"));
        assertThat(current.join()).isInstanceOf(ClientResponse.Applied.class);
    }

    @Test
    void whatTheNodeDidNotGetToIsCertainlyNotAppliedWhenItStops() {
        Proposal waiting = new Proposal(bytes("add a"), outstanding);
        CompletableFuture<ClientResponse> inInbox = outstanding.admit(waiting, admitted -> true);
        CompletableFuture<ClientResponse> inLog = append(3, 7);
        outstanding.close("the node stops");
        assertThat(inInbox.join()).isEqualTo(new ClientResponse.Unavailable("the node stops"));
        assertThat(waiting.handOver()).as("and is not handed over afterwards").isFalse();
        assertThat(inLog.join()).isEqualTo(new ClientResponse.Unknown("the node stops"));
        assertThat(outstanding
                        .admit(new Proposal(bytes("add a"), outstanding), admitted -> true)
                        .join())
                .isInstanceOf(ClientResponse.Unavailable.class);
    }
}
