package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.SnapshotHolder;
import io.balsa.statemachine.proto.SnapshotLock;
import io.balsa.statemachine.proto.SnapshotRecord;
import io.balsa.statemachine.proto.SnapshotWaiter;
import java.util.function.LongFunction;

/**
 * Writes locks into a snapshot and reads them out again.
 *
 * <p>A lock that servers of the first format can have is written as they write it, so that they can install it.
 */
final class LockRecords {
    private LockRecords() {}

    /** Whether there is anything about a lock that the first format does not have. */
    static boolean isNewerThanFirst(NamedLock lock) {
        return !isExclusive(lock)
                || !lock.firstHolding().data().isEmpty()
                || lock.waiters().stream()
                        .anyMatch(waiter -> waiter.claim().mode() != LockMode.LOCK_MODE_EXCLUSIVE
                                || !waiter.claim().data().isEmpty());
    }

    private static boolean isExclusive(NamedLock lock) {
        return lock.mode() == LockMode.LOCK_MODE_EXCLUSIVE;
    }

    static SnapshotRecord record(NamedLock lock) {
        SnapshotLock.Builder copy = SnapshotLock.newBuilder()
                .setName(lock.name())
                .setId(lock.id())
                .setMode(lock.mode())
                .setCapacity(lock.capacity());
        if (isExclusive(lock)) {
            Holding holding = lock.firstHolding();
            copy.setSession(holding.session().id())
                    .setHolder(holding.holder())
                    .setToken(holding.token())
                    .setCount(holding.count())
                    .setGrantedMillis(holding.grantedMillis())
                    .setDeadlineMillis(holding.deadlineMillis())
                    .setData(holding.data());
        } else {
            copy.setChangedIndex(lock.version());
            lock.holdings().forEach(holding -> copy.addHolders(record(holding)));
        }
        lock.waiters().forEach(waiter -> copy.addWaiters(record(waiter)));
        return SnapshotRecord.newBuilder().setLock(copy).build();
    }

    private static SnapshotHolder record(Holding holding) {
        return SnapshotHolder.newBuilder()
                .setId(holding.id())
                .setSession(holding.session().id())
                .setHolder(holding.holder())
                .setToken(holding.token())
                .setCount(holding.count())
                .setPermits(holding.permits())
                .setGrantedMillis(holding.grantedMillis())
                .setDeadlineMillis(holding.deadlineMillis())
                .setData(holding.data())
                .build();
    }

    private static SnapshotWaiter record(Waiter waiter) {
        return SnapshotWaiter.newBuilder()
                .setId(waiter.id())
                .setSession(waiter.session().id())
                .setHolder(waiter.holder())
                .setCount(waiter.count())
                .setTtlMillis(waiter.ttlMillis())
                .setDeadlineMillis(waiter.deadlineMillis())
                .setSinceMillis(waiter.sinceMillis())
                .setMode(waiter.claim().mode())
                .setPermits(waiter.claim().permits())
                .setData(waiter.claim().data())
                .build();
    }

    /**
     * Adds a lock to a table.
     *
     * @param sessions finds an open session; fails when there is none of this id
     */
    static void restore(SnapshotLock record, LockTable table, LongFunction<LiveSession> sessions) {
        NamedLock lock = table.restore(record.getId(), record.getName(), record.getCapacity());
        LockMode mode = known(record.getMode());
        Invariant.check(
                (lock.capacity() > 0) == (mode == LockMode.LOCK_MODE_PERMITS), "only a semaphore has a capacity");
        if (mode == LockMode.LOCK_MODE_EXCLUSIVE) {
            LockClaim claim =
                    new LockClaim(sessions.apply(record.getSession()), record.getHolder(), mode, 0, record.getData());
            Holding holding = new Holding(
                    lock.id(), lock, claim, record.getCount(), record.getToken(), record.getGrantedMillis());
            table.restore(holding, mode, record.getToken(), record.getDeadlineMillis());
        } else {
            Invariant.check(record.getHoldersCount() > 0, "somebody holds a lock");
            record.getHoldersList().forEach(holder -> restore(holder, mode, record, lock, table, sessions));
        }
        record.getWaitersList().forEach(waiter -> restore(waiter, lock, table, sessions));
    }

    private static void restore(
            SnapshotHolder record,
            LockMode mode,
            SnapshotLock of,
            NamedLock lock,
            LockTable table,
            LongFunction<LiveSession> sessions) {
        LockClaim claim = new LockClaim(
                sessions.apply(record.getSession()), record.getHolder(), mode, record.getPermits(), record.getData());
        check(claim, lock);
        Holding holding = new Holding(
                record.getId(), lock, claim, record.getCount(), record.getToken(), record.getGrantedMillis());
        table.restore(holding, mode, of.getChangedIndex(), record.getDeadlineMillis());
    }

    private static void restore(
            SnapshotWaiter record, NamedLock lock, LockTable table, LongFunction<LiveSession> sessions) {
        LockClaim claim = new LockClaim(
                sessions.apply(record.getSession()),
                record.getHolder(),
                known(record.getMode()),
                record.getPermits(),
                record.getData());
        check(claim, lock);
        table.restore(
                new Waiter(
                        record.getId(), lock, claim, record.getTtlMillis(), record.getCount(), record.getSinceMillis()),
                record.getDeadlineMillis());
    }

    private static LockMode known(LockMode mode) {
        Invariant.check(mode != LockMode.UNRECOGNIZED, "the mode of a lock is known");
        return mode;
    }

    private static void check(LockClaim claim, NamedLock lock) {
        boolean fits = lock.capacity() == NamedLock.NO_PERMITS
                ? claim.permits() == 0 && claim.mode() != LockMode.LOCK_MODE_PERMITS
                : claim.permits() > 0
                        && claim.permits() <= lock.capacity()
                        && claim.mode() == LockMode.LOCK_MODE_PERMITS;
        Invariant.check(fits, "who uses a lock takes it for what it is");
    }
}
