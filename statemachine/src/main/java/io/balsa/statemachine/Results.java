package io.balsa.statemachine;

import io.balsa.statemachine.proto.BarrierArrived;
import io.balsa.statemachine.proto.BarrierLeft;
import io.balsa.statemachine.proto.CounterUpdated;
import io.balsa.statemachine.proto.Deleted;
import io.balsa.statemachine.proto.Done;
import io.balsa.statemachine.proto.LockGranted;
import io.balsa.statemachine.proto.LockHeld;
import io.balsa.statemachine.proto.LockQueued;
import io.balsa.statemachine.proto.LockReleased;
import io.balsa.statemachine.proto.Mismatch;
import io.balsa.statemachine.proto.NotHolder;
import io.balsa.statemachine.proto.Result;
import io.balsa.statemachine.proto.ServiceDeregistered;
import io.balsa.statemachine.proto.ServiceRegistered;
import io.balsa.statemachine.proto.SessionOpened;
import io.balsa.statemachine.proto.Written;

/** Makes the results of commands. */
final class Results {
    static final Result DONE =
            Result.newBuilder().setDone(Done.getDefaultInstance()).build();
    static final Result NOT_HOLDER =
            Result.newBuilder().setNotHolder(NotHolder.getDefaultInstance()).build();

    private Results() {}

    static Result refused(Refused refused) {
        return Result.newBuilder().setError(refused.error()).build();
    }

    static Result opened(LiveSession session) {
        return Result.newBuilder()
                .setSessionOpened(SessionOpened.newBuilder().setSession(session.id()))
                .build();
    }

    static Result granted(Holding holding) {
        return Result.newBuilder()
                .setLockGranted(LockGranted.newBuilder()
                        .setToken(holding.token())
                        .setCount(holding.count())
                        .setDeadlineMillis(holding.deadlineMillis()))
                .build();
    }

    static Result queued(int position) {
        return Result.newBuilder()
                .setLockQueued(LockQueued.newBuilder().setPosition(position))
                .build();
    }

    static Result held(Holding holding) {
        return Result.newBuilder()
                .setLockHeld(
                        LockHeld.newBuilder().setSession(holding.session().id()).setToken(holding.token()))
                .build();
    }

    static Result released(int remainingCount) {
        return Result.newBuilder()
                .setLockReleased(LockReleased.newBuilder().setRemainingCount(remainingCount))
                .build();
    }

    static Result registered(long registrationIndex) {
        return Result.newBuilder()
                .setServiceRegistered(ServiceRegistered.newBuilder().setRegistrationIndex(registrationIndex))
                .build();
    }

    static Result deregistered(boolean existed) {
        return Result.newBuilder()
                .setServiceDeregistered(ServiceDeregistered.newBuilder().setExisted(existed))
                .build();
    }

    static Result written(long revision) {
        return Result.newBuilder()
                .setWritten(Written.newBuilder().setRevision(revision))
                .build();
    }

    static Result deleted(boolean existed) {
        return Result.newBuilder()
                .setDeleted(Deleted.newBuilder().setExisted(existed))
                .build();
    }

    /** @param current what the key has, or null */
    static Result mismatch(KeyValue current) {
        Mismatch.Builder mismatch = Mismatch.newBuilder();
        if (current != null) {
            mismatch.setExists(true).setValue(current.value()).setRevision(current.revision());
        }
        return Result.newBuilder().setMismatch(mismatch).build();
    }

    static Result counterChanged(long before, long after) {
        return counter(before, after, true);
    }

    static Result counterKept(long value) {
        return counter(value, value, false);
    }

    private static Result counter(long before, long after, boolean applied) {
        return Result.newBuilder()
                .setCounterUpdated(CounterUpdated.newBuilder()
                        .setBefore(before)
                        .setAfter(after)
                        .setApplied(applied))
                .build();
    }

    /** @param waiting how many wait at the barrier, the one that arrived included */
    static Result arrived(int waiting) {
        return Result.newBuilder()
                .setBarrierArrived(BarrierArrived.newBuilder().setWaiting(waiting))
                .build();
    }

    static Result passed(long generation) {
        return Result.newBuilder()
                .setBarrierArrived(BarrierArrived.newBuilder().setPassed(true).setGeneration(generation))
                .build();
    }

    static Result left(BarrierLeft.Kind kind, long generation) {
        return Result.newBuilder()
                .setBarrierLeft(BarrierLeft.newBuilder().setKind(kind).setGeneration(generation))
                .build();
    }
}
