package io.balsa.simulation.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HistoryRecorderTest {
    private final AtomicLong clock = new AtomicLong(100);
    private final HistoryRecorder recorder = new HistoryRecorder(clock::get, 4);

    @Test
    void everyOutcomeIsTakenDown() {
        HistoryRecorder.Handle put = recorder.call("c1", "put", "k", "v");
        clock.set(200);
        HistoryRecorder.Handle get = recorder.call("c2", "get", "k");
        clock.set(300);
        get.ok("v");
        put.info();
        recorder.call("c2", "delete", "k").fail();
        recorder.call("c3", "get", "k");
        assertThat(recorder.history().operations())
                .containsExactly(
                        new Operation("c1", "put", "k", List.of("v"), 100, Operation.NEVER, Status.INFO, null),
                        new Operation("c2", "get", "k", List.of(), 200, 300, Status.OK, "v"),
                        new Operation("c2", "delete", "k", List.of(), 301, 302, Status.FAIL, null),
                        new Operation("c3", "get", "k", List.of(), 303, Operation.NEVER, Status.INFO, null));
    }

    @Test
    void whatWasSeenEarlierStaysEarlierWhileTheClockStandsStill() {
        recorder.call("c1", "put", "k", "v").ok();
        recorder.call("c1", "get", "k").ok("v");
        List<Operation> operations = recorder.history().operations();
        assertThat(operations.get(0).returnNanos()).isLessThan(operations.get(1).callNanos());
    }

    @Test
    void aSecondAnswerIsRefused() {
        HistoryRecorder.Handle get = recorder.call("c1", "get", "k");
        get.ok("v");
        assertThatThrownBy(get::info).isInstanceOf(IllegalStateException.class).hasMessageContaining("answered before");
    }

    @Test
    void theNumberOfOperationsIsBounded() {
        for (int i = 0; i < 4; i++) {
            recorder.call("c1", "get", "k").ok();
        }
        assertThatThrownBy(() -> recorder.call("c1", "get", "k"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxOperations");
    }
}
