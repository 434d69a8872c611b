package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a leader sends when several things come to it at once. */
class ReplicationTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");

    private final CoreCluster cluster = CoreCluster.of(3);
    private final CoreServer leader = cluster.server(N1);

    @BeforeEach
    void oneEntryIsUnderWayAndAnotherWaits() {
        cluster.elect("n1");
        cluster.settle();
        cluster.propose("n1", "a");
        cluster.takeOut(message -> true);
        cluster.propose("n1", "b");
        assertThat(cluster.inFlight()).isEmpty();
    }

    private static Input answer() {
        return new Input.Receive(new Message.AppendEntriesAccepted(N2, N1, 1, 2, 0, 0));
    }

    private List<List<String>> sentToN2() {
        return cluster.takeOut(message -> message.to().equals(N2)).stream()
                .map(message -> ((Message.AppendEntries) message)
                        .entries().stream()
                                .map(entry -> new String(entry.payload(), StandardCharsets.UTF_8))
                                .toList())
                .toList();
    }

    @Test
    void whatWaitedGoesOutAfterTheAnswer() {
        leader.step(answer());
        assertThat(sentToN2()).containsExactly(List.of("b"));
    }

    @Test
    void whatWasProposedMeanwhileGoesOutInTheSameMessage() {
        leader.step(List.of(answer(), new Input.Propose(7, EntryType.COMMAND, "c".getBytes(StandardCharsets.UTF_8))));
        assertThat(sentToN2()).containsExactly(List.of("b", "c"));
    }
}
