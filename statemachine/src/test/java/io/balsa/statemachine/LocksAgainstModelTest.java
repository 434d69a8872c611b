package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.Result;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The lock table has the same holders and waiters as a model of it that is too simple to be wrong. */
class LocksAgainstModelTest {
    private static final int STEPS = 1_500;

    private final TestReplica replica = new TestReplica();
    private final CoordinationStateMachine witness = new CoordinationStateMachine();
    private final SimpleLocks model = new SimpleLocks();
    private final Set<List<Long>> executed = new HashSet<>();

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.balsa.statemachine.Seeds#all")
    @Tag("case-69")
    @Tag("case-72")
    @Tag("case-73")
    @Tag("case-74")
    void bothAgreeAfterEveryEntry(long seed) throws InvalidProtocolBufferException {
        RandomWorkload workload = new RandomWorkload(seed, replica);
        for (int step = 0; step < STEPS; step++) {
            workload.step();
            LogEntry entry = replica.log().get(step);
            follow(entry, witness.apply(entry));
            assertThat(SimpleLocks.all(replica.machine().state().locks()))
                    .as("after %s", entry)
                    .isEqualTo(model.all());
        }
    }

    private void follow(LogEntry entry, byte[] bytes) throws InvalidProtocolBufferException {
        Command command = entry.type() == EntryType.COMMAND ? commandIn(entry) : null;
        if (command == null) {
            model.apply(entry, null, null);
            return;
        }
        Result result = Result.parseFrom(bytes);
        boolean isNew = result.getError().getCode() != Error.Code.TOO_MANY_OUTSTANDING
                && (command.hasOpenSession() || executed.add(List.of(command.getSession(), command.getSequence())));
        if (command.getVersion() != 0) {
            model.isAlive(command.getSession(), entry.timeMillis());
        }
        model.apply(entry, isNew ? command : null, result);
    }

    private static Command commandIn(LogEntry entry) {
        try {
            return Command.parseFrom(entry.payload());
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
