package io.balsa.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.statemachine.proto.BarrierArrived;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.CounterUpdated;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.LockGranted;
import io.balsa.statemachine.proto.LockQueued;
import io.balsa.statemachine.proto.Result;

/** Reads results in tests, and fails when they are of another kind. */
final class TestResults {
    private TestResults() {}

    static LockGranted granted(Result result) {
        assertThat(result.hasLockGranted()).as("granted, not %s", result).isTrue();
        return result.getLockGranted();
    }

    static long token(Result result) {
        return granted(result).getToken();
    }

    static LockQueued queued(Result result) {
        assertThat(result.hasLockQueued()).as("queued, not %s", result).isTrue();
        return result.getLockQueued();
    }

    static int released(Result result) {
        assertThat(result.hasLockReleased()).as("released, not %s", result).isTrue();
        return result.getLockReleased().getRemainingCount();
    }

    static CounterUpdated counted(Result result) {
        assertThat(result.hasCounterUpdated()).as("a counter, not %s", result).isTrue();
        return result.getCounterUpdated();
    }

    static BarrierArrived arrived(Result result) {
        assertThat(result.hasBarrierArrived()).as("arrived, not %s", result).isTrue();
        return result.getBarrierArrived();
    }

    static BarrierLeft left(Result result) {
        assertThat(result.hasBarrierLeft()).as("left, not %s", result).isTrue();
        return result.getBarrierLeft();
    }

    static Error.Code error(Result result) {
        assertThat(result.hasError()).as("an error, not %s", result).isTrue();
        return result.getError().getCode();
    }
}
