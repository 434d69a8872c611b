package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same entries give the same results and the same state on every server, also on one that restarts. */
class DeterminismTest {
    private static final int STEPS = 400;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    @Tag("case-26")
    @Tag("case-70")
    void replicasAreEqualAtEveryIndex(long seed) {
        TestReplica first = new TestReplica();
        CoordinationStateMachine second = new CoordinationStateMachine();
        RandomWorkload workload = new RandomWorkload(seed, first);

        for (int step = 0; step < STEPS; step++) {
            workload.step();
            LogEntry entry = first.log().get(first.log().size() - 1);
            second.apply(entry);
            assertThat(second.stateHash())
                    .as("at %s", entry)
                    .isEqualTo(first.machine().stateHash());
            assertThat(second.nextDeadlineMillis())
                    .isEqualTo(first.machine().nextDeadlineMillis())
                    .isGreaterThan(entry.timeMillis());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    @Tag("case-26")
    @Tag("case-56")
    @Tag("case-59")
    void aReplicaThatRestartsFromASnapshotGoesOnAsTheOthers(long seed) throws IOException {
        TestReplica first = new TestReplica();
        RandomWorkload workload = new RandomWorkload(seed, first);
        List<Long> hashes = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            workload.step();
            hashes.add(first.machine().stateHash());
        }

        CoordinationStateMachine witness = new CoordinationStateMachine();
        CoordinationStateMachine restarting = new CoordinationStateMachine();
        for (LogEntry entry : first.log()) {
            assertThat(restarting.apply(entry)).as("result of %s", entry).isEqualTo(witness.apply(entry));
            assertThat(restarting.stateHash()).as("at %s", entry).isEqualTo(hashes.get((int) entry.index() - 1));
            if (entry.index() % 37 == 0) {
                StateMachine.Snapshot snapshot = restarting.cutSnapshot();
                restarting = new CoordinationStateMachine();
                restarting.restore(new ByteArrayInputStream(TestReplica.bytesOf(snapshot)));
            }
        }
    }
}
