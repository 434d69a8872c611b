package io.balsa.statemachine;

import com.google.protobuf.UnsafeByteOperations;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.SnapshotArrival;
import io.balsa.statemachine.proto.SnapshotBarrier;
import io.balsa.statemachine.proto.SnapshotCounter;
import io.balsa.statemachine.proto.SnapshotHead;
import io.balsa.statemachine.proto.SnapshotKey;
import io.balsa.statemachine.proto.SnapshotRecord;
import io.balsa.statemachine.proto.SnapshotResult;
import io.balsa.statemachine.proto.SnapshotSession;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A full copy of the state as of one index, which later entries do not change. */
final class StateSnapshot implements StateMachine.Snapshot {
    private final long index;
    private final SnapshotRecord head;
    private final List<SnapshotRecord> sessions = new ArrayList<>();

    /** By name, as the table has them. */
    private final List<SnapshotRecord> locks = new ArrayList<>();

    /** Whether there is anything in it that only the newest format has. */
    private boolean isNewest;

    private final List<SnapshotRecord> barriers = new ArrayList<>();

    /** Services, keys, events and counters, which are in order already. */
    private final List<SnapshotRecord> others = new ArrayList<>();

    /** Cuts; on the thread of the state machine. */
    static StateSnapshot of(CoordinationState state) {
        StateSnapshot snapshot = new StateSnapshot(state);
        state.sessions().all().forEach(session -> snapshot.sessions.add(record(session)));
        state.locks().all().forEach(snapshot::add);
        state.services()
                .all()
                .forEach(service -> snapshot.others.add(
                        SnapshotRecord.newBuilder().setService(service).build()));
        for (Map.Entry<String, KeyValue> entry : state.keyValues().all()) {
            snapshot.others.add(record(entry.getKey(), entry.getValue()));
        }
        state.history()
                .all()
                .forEach(event -> snapshot.others.add(
                        SnapshotRecord.newBuilder().setEvent(event).build()));
        for (Map.Entry<CounterKey, Counter> entry : state.counters().all()) {
            snapshot.others.add(record(entry.getKey(), entry.getValue()));
        }
        state.barriers().all().forEach(barrier -> snapshot.barriers.add(record(barrier)));
        return snapshot;
    }

    private StateSnapshot(CoordinationState state) {
        index = state.clock().index();
        isNewest = state.counters().size() > 0 || state.barriers().size() > 0;
        head = SnapshotRecord.newBuilder()
                .setHead(SnapshotHead.newBuilder()
                        .setIndex(index)
                        .setClockMillis(state.clock().millis())
                        .setHistoryDroppedThrough(state.history().droppedThrough()))
                .build();
    }

    private static SnapshotRecord record(LiveSession session) {
        SnapshotSession.Builder copy = SnapshotSession.newBuilder()
                .setId(session.id())
                .setTtlMillis(session.ttlMillis())
                .setDeadlineMillis(session.deadlineMillis())
                .setNonce(session.nonce())
                .setClientName(session.clientName())
                .setAcknowledged(session.results().acknowledged());
        for (Map.Entry<Long, byte[]> result : session.results().entries()) {
            // Shared, since results are never modified: copying them would hold up the commands that wait.
            copy.addResults(SnapshotResult.newBuilder()
                    .setSequence(result.getKey())
                    .setResult(UnsafeByteOperations.unsafeWrap(result.getValue())));
        }
        return SnapshotRecord.newBuilder().setSession(copy).build();
    }

    private void add(NamedLock lock) {
        isNewest |= LockRecords.isNewerThanFirst(lock);
        locks.add(LockRecords.record(lock));
    }

    private static SnapshotRecord record(String key, KeyValue value) {
        return SnapshotRecord.newBuilder()
                .setKey(SnapshotKey.newBuilder()
                        .setKey(key)
                        .setValue(value.value())
                        .setRevision(value.revision())
                        .setCreateRevision(value.createRevision()))
                .build();
    }

    private static SnapshotRecord record(CounterKey key, Counter counter) {
        return SnapshotRecord.newBuilder()
                .setCounter(SnapshotCounter.newBuilder()
                        .setKind(key.kind())
                        .setName(key.name())
                        .setValue(counter.value())
                        .setChangedIndex(counter.changedIndex()))
                .build();
    }

    private static SnapshotRecord record(Barrier barrier) {
        SnapshotBarrier.Builder copy =
                SnapshotBarrier.newBuilder().setName(barrier.name()).setParties(barrier.parties());
        barrier.waiting().forEach(arrival -> copy.addWaiting(copyOf(arrival)));
        barrier.passed().forEach(arrival -> copy.addPassed(copyOf(arrival)));
        return SnapshotRecord.newBuilder().setBarrier(copy).build();
    }

    private static SnapshotArrival copyOf(Arrival arrival) {
        return SnapshotArrival.newBuilder()
                .setSession(arrival.session().id())
                .setHolder(arrival.holder())
                .setGeneration(arrival.generation())
                .build();
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public void writeTo(OutputStream output) throws IOException {
        sessions.sort(Comparator.comparingLong(record -> record.getSession().getId()));
        barriers.sort(Comparator.comparing(record -> record.getBarrier().getName()));

        SnapshotCodec.Writer writer =
                new SnapshotCodec.Writer(output, isNewest ? FormatVersions.SNAPSHOT : FormatVersions.FIRST);
        writer.write(head);
        for (List<SnapshotRecord> records : List.of(sessions, locks, others, barriers)) {
            for (SnapshotRecord record : records) {
                writer.write(record);
            }
        }
        writer.finish();
    }

    /** Nothing to give back: the copy goes with this object. */
    @Override
    public void close() {}
}
