package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.ClientResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutstandingTest {
    private static final int ROOM = 100;

    private final Outstanding outstanding = new Outstanding(new Budget(ROOM, 1 << 20));

    private List<PendingRead> admit(int count) {
        List<PendingRead> reads = IntStream.range(0, count)
                .mapToObj(i -> new PendingRead(bytes("list"), 0, false, Long.MAX_VALUE, outstanding))
                .toList();
        for (PendingRead read : reads) {
            assertThat(outstanding.admit(read, any -> true)).isSameAs(read).isNotDone();
        }
        return reads;
    }

    private static List<ClientResponse> responses(int count) {
        return IntStream.range(0, count)
                .<ClientResponse>mapToObj(i -> new ClientResponse.Answer(i, bytes("read " + i)))
                .toList();
    }

    @Test
    void whoIsAnsweredTogetherMakesRoomForAsManyAndNoMore() {
        for (int i = 0; i < 3; i++) {
            List<PendingRead> reads = new ArrayList<>(admit(ROOM));
            assertThat(outstanding.admit(
                            new PendingRead(bytes("list"), 0, false, Long.MAX_VALUE, outstanding), any -> true))
                    .isCompletedWithValueMatching(ClientResponse.Busy.class::isInstance);
            Collections.reverse(reads);
            List<ClientResponse> responses = responses(ROOM);
            Pending.answerAll(reads, responses);
            assertThat(outstanding.count()).isZero();
            for (int read = 0; read < ROOM; read++) {
                assertThat(reads.get(read)).isCompletedWithValue(responses.get(read));
            }
        }
    }

    @Test
    void whoWasAnsweredBeforeKeepsItsAnswerAndGivesNoRoomBackTwice() {
        List<PendingRead> reads = admit(3);
        reads.get(1).answer(new ClientResponse.ReadTimedOut());
        assertThat(outstanding.count()).isEqualTo(2);
        List<ClientResponse> responses = responses(3);
        Pending.answerAll(reads, responses);
        Pending.answerAll(reads, responses(3));
        assertThat(outstanding.count()).isZero();
        assertThat(reads.get(0)).isCompletedWithValue(responses.get(0));
        assertThat(reads.get(1)).isCompletedWithValueMatching(ClientResponse.ReadTimedOut.class::isInstance);
        assertThat(reads.get(2)).isCompletedWithValue(responses.get(2));
    }

    @Test
    void whoIsStillUnansweredAtTheEndIsAnsweredInTheOrderOfArrival() {
        List<Integer> order = new ArrayList<>();
        List<PendingRead> reads = admit(ROOM);
        for (int i = 0; i < ROOM; i++) {
            int number = i;
            assertThat(reads.get(i).thenRun(() -> order.add(number))).isNotDone();
        }
        Pending.answerAll(reads.subList(0, 10), responses(10));
        outstanding.close("the node was closed");
        assertThat(order.subList(10, ROOM)).isSorted();
        assertThat(order).hasSize(ROOM);
        assertThat(reads.get(10)).isCompletedWithValueMatching(ClientResponse.Unavailable.class::isInstance);
        assertThat(outstanding.count()).isZero();
    }
}
