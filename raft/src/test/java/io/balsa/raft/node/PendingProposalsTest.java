package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
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
            pending.appended(term, index, List.of(admitted));
            return true;
        });
    }

    private void apply(long term, long index, String result) {
        pending.committed(index);
        pending.applied(term, index, bytes(result));
        pending.tell();
    }

    @Test
    void theEntryOfTheSameTermAnswersItsProposal() {
        CompletableFuture<ClientResponse> proposed = append(3, 7);
        apply(3, 6, "other");
        assertThat(proposed).isNotDone();
        apply(3, 7, "result");
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
        apply(4, 7, "another's result");
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
        apply(5, 7, "result");
        assertThat(current.join()).isInstanceOf(ClientResponse.Applied.class);
    }

    /** Appends a batch whose proposals are answered one by one. */
    private List<CompletableFuture<ClientResponse>> appendAll(long term, long firstIndex, int count) {
        List<Proposal> batch = Stream.generate(() -> new Proposal(bytes("add a"), outstanding))
                .limit(count)
                .toList();
        List<CompletableFuture<ClientResponse>> answers = batch.stream()
                .map(proposal -> outstanding.admit(proposal, Proposal::handOver))
                .toList();
        pending.appended(term, firstIndex, batch);
        return answers;
    }

    @Test
    void aBatchIsAnsweredAsItIsApplied() {
        List<CompletableFuture<ClientResponse>> answers = appendAll(3, 7, 4);
        apply(3, 7, "first");
        apply(3, 8, "second");
        assertThat(pending.isEmpty()).isFalse();
        assertThat(answers.get(2)).isNotDone();
        pending.committed(10);
        pending.applied(3, 9, bytes("third"));
        pending.applied(3, 10, bytes("fourth"));
        pending.tell();
        assertThat(answers.stream().map(CompletableFuture::join).map(answer -> ((ClientResponse.Applied) answer)
                        .index()))
                .containsExactly(7L, 8L, 9L, 10L);
        assertThat(pending.isEmpty()).isTrue();
    }

    @Test
    void onlyTheEndOfABatchIsSuperseded() {
        List<CompletableFuture<ClientResponse>> old = appendAll(3, 7, 3);
        List<CompletableFuture<ClientResponse>> later = appendAll(5, 8, 2);
        assertThat(old.get(0)).isNotDone();
        assertThat(old.subList(1, 3))
                .allSatisfy(answer -> assertThat(answer.join()).isInstanceOf(ClientResponse.Unknown.class));
        apply(3, 7, "first");
        assertThat(old.get(0).join()).isInstanceOf(ClientResponse.Applied.class);
        apply(5, 8, "second");
        apply(5, 9, "third");
        assertThat(later).allSatisfy(answer -> assertThat(answer.join()).isInstanceOf(ClientResponse.Applied.class));
    }

    @Test
    void whatASnapshotPassedOverIsUnknown() {
        List<CompletableFuture<ClientResponse>> answers = appendAll(3, 7, 3);
        apply(4, 9, "of another");
        assertThat(answers.subList(0, 2))
                .allSatisfy(answer -> assertThat(answer.join()).isInstanceOf(ClientResponse.Unknown.class));
        assertThat(answers.get(2).join()).isInstanceOf(ClientResponse.NotLeader.class);
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
