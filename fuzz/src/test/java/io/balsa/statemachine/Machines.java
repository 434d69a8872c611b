package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.fuzz.Check;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.OpenSession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A state machine with small bounds, and what every one of them must be able to do. */
final class Machines {
    private static final int NONCE_BYTES = 16;
    private static final int SESSIONS = 2;

    private final CoordinationStateMachine machine;
    private long index;
    private long millis;

    private Machines(CoordinationStateMachine machine) {
        this.machine = machine;
    }

    /** One that has applied nothing. */
    static Machines empty() {
        return new Machines(new CoordinationStateMachine(StateMachineLimits.builder()
                .maxSessions(8)
                .maxOutstandingResults(8)
                .maxOutstandingResultBytes(2000)
                .maxResultBytes(4000)
                .maxLocks(6)
                .maxWaiters(8)
                .maxWaitersPerLock(4)
                .maxHoldCount(3)
                .maxServices(6)
                .maxInstanceBytes(500)
                .maxServiceBytes(1500)
                .maxKeys(6)
                .maxValueBytes(200)
                .maxKeyValueBytes(800)
                .maxCounters(4)
                .maxBarriers(3)
                .maxBarrierParties(3)
                .maxBarrierArrivals(5)
                .maxHistoryEvents(6)
                .maxHistoryBytes(2000)
                .maxParkedReads(8)
                .maxAnswerBytes(600)
                .build()));
    }

    /** One with sessions 1 and 2. */
    static Machines withSessions() throws IOException {
        Machines machines = empty();
        for (int i = 1; i <= SESSIONS; i++) {
            byte[] nonce = new byte[NONCE_BYTES];
            nonce[0] = (byte) (100 + i);
            machines.apply(
                    EntryType.COMMAND,
                    0,
                    Command.newBuilder()
                            .setVersion(FormatVersions.COMMAND)
                            .setOpenSession(OpenSession.newBuilder()
                                    .setTtlMillis(10_000)
                                    .setNonce(ByteString.copyFrom(nonce)))
                            .build()
                            .toByteArray());
        }
        return machines;
    }

    CoordinationStateMachine machine() {
        return machine;
    }

    byte[] apply(EntryType type, long afterMillis, byte[] payload) {
        index++;
        millis += afterMillis;
        return machine.apply(new LogEntry(index, 1, type, millis, payload));
    }

    static byte[] snapshotOf(CoordinationStateMachine machine) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (StateMachine.Snapshot snapshot = machine.cutSnapshot()) {
            snapshot.writeTo(bytes);
        }
        return bytes.toByteArray();
    }

    /** Restores a snapshot into an empty machine and fails unless that gives the same snapshot. */
    static void checkSurvives(byte[] snapshot) throws IOException {
        CoordinationStateMachine restored = empty().machine();
        try {
            restored.restore(new ByteArrayInputStream(snapshot));
        } catch (IOException e) {
            throw new AssertionError("a snapshot of our own is refused", e);
        }
        Check.same(snapshot, snapshotOf(restored), "a snapshot");
    }
}
