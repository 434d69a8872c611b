package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.SnapshotArrival;
import io.balsa.statemachine.proto.SnapshotBarrier;
import io.balsa.statemachine.proto.SnapshotCounter;
import io.balsa.statemachine.proto.SnapshotHead;
import io.balsa.statemachine.proto.SnapshotKey;
import io.balsa.statemachine.proto.SnapshotLock;
import io.balsa.statemachine.proto.SnapshotRecord;
import io.balsa.statemachine.proto.SnapshotResult;
import io.balsa.statemachine.proto.SnapshotSession;
import java.util.ArrayList;
import java.util.List;

/** Builds the state anew out of the records of a snapshot, in their order. */
final class StateRestorer {
    private final StateMachineLimits limits;
    private final ParkedReads parkedReads;
    private CoordinationState state;

    StateRestorer(StateMachineLimits limits, ParkedReads parkedReads) {
        this.limits = limits;
        this.parkedReads = parkedReads;
    }

    /** Adds a record; fails when it does not fit to those before. */
    void add(SnapshotRecord record) {
        if (record.hasHead()) {
            Invariant.check(state == null, "a snapshot has one head");
            begin(record.getHead());
            return;
        }
        Invariant.check(state != null, "a snapshot begins with its head");
        switch (record.getRecordCase()) {
            case SESSION -> add(record.getSession());
            case LOCK -> add(record.getLock());
            case SERVICE -> state.services().restore(record.getService());
            case KEY -> add(record.getKey());
            case EVENT -> state.history().add(record.getEvent());
            case COUNTER -> add(record.getCounter());
            case BARRIER -> add(record.getBarrier());
            default -> Invariant.check(false, "the kind of a record is known");
        }
    }

    private void begin(SnapshotHead head) {
        state = new CoordinationState(
                limits,
                new ReplicatedClock(head.getIndex(), head.getClockMillis()),
                new EventHistory(limits, head.getHistoryDroppedThrough()),
                parkedReads);
    }

    private void add(SnapshotSession record) {
        LiveSession session = state.sessions()
                .restore(
                        record.getId(),
                        record.getTtlMillis(),
                        record.getDeadlineMillis(),
                        record.getNonce(),
                        record.getClientName());
        session.results().acknowledge(record.getAcknowledged());
        for (SnapshotResult result : record.getResultsList()) {
            session.results().remember(result.getSequence(), result.getResult().toByteArray());
        }
    }

    private void add(SnapshotLock record) {
        LockRecords.restore(record, state.locks(), this::session);
    }

    private void add(SnapshotKey record) {
        state.keyValues()
                .restore(
                        record.getKey(),
                        new KeyValue(record.getValue(), record.getRevision(), record.getCreateRevision()));
    }

    private void add(SnapshotCounter record) {
        state.counters()
                .restore(
                        new CounterKey(record.getKind(), record.getName()),
                        new Counter(record.getValue(), record.getChangedIndex()));
    }

    private void add(SnapshotBarrier record) {
        Barrier barrier = new Barrier(record.getName());
        List<Arrival> arrivals = new ArrayList<>();
        for (SnapshotArrival waiting : record.getWaitingList()) {
            Invariant.check(waiting.getGeneration() == 0, "who waits at a barrier did not pass");
            arrivals.add(new Arrival(barrier, session(waiting.getSession()), waiting.getHolder()));
        }
        for (SnapshotArrival passed : record.getPassedList()) {
            Arrival arrival = new Arrival(barrier, session(passed.getSession()), passed.getHolder());
            arrival.pass(passed.getGeneration());
            arrivals.add(arrival);
        }
        state.barriers().restore(barrier, arrivals, record.getParties());
    }

    private LiveSession session(long id) {
        LiveSession session = state.sessions().find(id);
        Invariant.check(session != null, "the session of a lock or an arrival is open");
        return session;
    }

    CoordinationState finished() {
        Invariant.check(state != null, "a snapshot has a head");
        return state;
    }
}
