package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceEvent;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Random tests are worth what their operations reach. */
class RandomWorkloadTest {
    @Test
    void itReachesEveryOutcome() throws InvalidProtocolBufferException {
        StateMachineLimits limits = StateMachineLimits.builder()
                .maxWaitersPerLock(2)
                .maxOutstandingResults(2)
                .maxKeys(3)
                .build();
        TestReplica replica = new TestReplica(limits);
        RandomWorkload workload = new RandomWorkload(1, replica);
        CoordinationStateMachine witness = new CoordinationStateMachine(limits);
        Set<Result.OutcomeCase> outcomes = EnumSet.noneOf(Result.OutcomeCase.class);
        Set<Error.Code> errors = EnumSet.noneOf(Error.Code.class);
        Set<LockMode> modes = EnumSet.noneOf(LockMode.class);
        int passedOn = 0;
        int passedOnByTime = 0;

        for (int step = 0; step < 20_000; step++) {
            workload.step();
            LogEntry entry = replica.log().get(step);
            byte[] bytes = witness.apply(entry);
            boolean granted = replica.machine().state().locks().all().stream()
                    .flatMap(lock -> lock.holdings().stream())
                    .anyMatch(holding -> holding.token() == entry.index());
            replica.machine().state().locks().all().forEach(lock -> modes.add(lock.mode()));
            if (entry.type() == EntryType.COMMAND) {
                Result result = Result.parseFrom(bytes);
                outcomes.add(result.getOutcomeCase());
                if (result.hasError()) {
                    errors.add(result.getError().getCode());
                }
                passedOn += granted && !result.hasLockGranted() ? 1 : 0;
            } else {
                passedOnByTime += granted ? 1 : 0;
            }
        }

        assertThat(outcomes).containsAll(EnumSet.complementOf(EnumSet.of(Result.OutcomeCase.OUTCOME_NOT_SET)));
        assertThat(errors)
                .contains(
                        Error.Code.SESSION_EXPIRED,
                        Error.Code.ALREADY_ACKNOWLEDGED,
                        Error.Code.INVALID,
                        Error.Code.LIMIT,
                        Error.Code.OUT_OF_RANGE);
        assertThat(modes).containsAll(EnumSet.complementOf(EnumSet.of(LockMode.UNRECOGNIZED)));
        assertThat(passedOn).isGreaterThan(100);
        assertThat(passedOnByTime).isGreaterThan(10);
        Set<ServiceEvent.Kind> kinds = replica.machine().state().history().all().stream()
                .map(ServiceEvent::getKind)
                .collect(Collectors.toSet());
        assertThat(kinds)
                .containsAll(List.of(
                        ServiceEvent.Kind.REGISTERED,
                        ServiceEvent.Kind.UPDATED,
                        ServiceEvent.Kind.DEREGISTERED,
                        ServiceEvent.Kind.EXPIRED));
    }
}
