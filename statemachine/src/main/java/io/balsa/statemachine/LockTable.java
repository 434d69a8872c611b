package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.CancelAcquire;
import io.balsa.statemachine.proto.LockMode;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.RenewLock;
import io.balsa.statemachine.proto.Result;
import java.util.Collection;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides who holds which lock: strictly first come, first served, whatever the modes.
 *
 * <p>A lock that somebody left is granted at the end of the entry, when everything that is due at the entry's stamp is gone
 * and the command is executed. So nobody is granted a lock who is not there any more (a waiter that died with its session
 * at the same stamp), no exclusive lock is granted twice by one entry, whose index is the token, and all readers whose turn
 * it is come in together.
 */
final class LockTable {
    private final StateMachineLimits limits;
    private final LockChecks checks;
    private final ReplicatedClock clock;
    private final Deadlines deadlines;
    private final ParkedReads parkedReads;
    private final NavigableMap<String, NamedLock> byName = new TreeMap<>();
    private final ByteBudget dataBudget;

    /** Locks that a holder or waiter left in this entry: others may come in. */
    private final TreeSet<NamedLock> left = new TreeSet<>(Comparator.comparingLong(NamedLock::id));

    private int holderCount;
    private int waiterCount;

    LockTable(StateMachineLimits limits, ReplicatedClock clock, Deadlines deadlines, ParkedReads parkedReads) {
        this.limits = limits;
        this.checks = new LockChecks(limits);
        this.clock = clock;
        this.deadlines = deadlines;
        this.parkedReads = parkedReads;
        dataBudget = new ByteBudget(limits.maxAllHolderDataBytes());
    }

    // ---- commands --------------------------------------------------------------------------------------------------

    Result acquire(LiveSession session, AcquireLock command) throws Refused {
        checks.acquire(command);
        LockClaim claim =
                new LockClaim(session, command.getHolder(), command.getMode(), command.getPermits(), command.getData());
        NamedLock lock = byName.get(command.getName());
        if (lock == null) {
            if (byName.size() >= limits.maxLocks()) {
                throw Refused.limit("there are " + limits.maxLocks() + " locks");
            }
            checkRoom(claim);
            NamedLock made = new NamedLock(clock.index(), command.getName(), command.getCapacity());
            byName.put(made.name(), made);
            return Results.granted(grant(made, clock.index(), claim, 1, command.getTtlMillis()));
        }
        // By this very entry's stamp somebody may have left: whoever waits comes first.
        grantToWaiters(lock);
        if (lock.isVacant()) {
            lock.become(command.getCapacity());
        } else if (lock.capacity() != command.getCapacity()) {
            throw LockChecks.otherKind(lock, command);
        }
        Holding holding = lock.find(session.id(), command.getHolder());
        if (holding != null) {
            return enterAgain(holding, claim, command);
        }
        if (lock.waiterCount() == 0 && lock.admits(claim)) {
            checkRoom(claim);
            checkRoomAmongHolders(lock);
            return Results.granted(grant(lock, clock.index(), claim, 1, command.getTtlMillis()));
        }
        if (command.getWaitMillis() == 0) {
            return Results.held(lock.firstHolding());
        }
        return enqueue(lock, claim, command);
    }

    private Result enterAgain(Holding holding, LockClaim claim, AcquireLock command) throws Refused {
        NamedLock lock = holding.lock();
        LockChecks.again("holds", lock.name(), lock.mode(), claim.mode());
        if (holding.count() >= limits.maxHoldCount()) {
            throw Refused.limit("the holder has the lock " + limits.maxHoldCount() + " times");
        }
        if (!claim.data().isEmpty()) {
            checkRoomForData(claim);
            dataBudget.giveBack(LockChecks.bytes(holding.data()));
            holding.showAs(claim.data());
            dataBudget.use(LockChecks.bytes(holding.data()));
        }
        holding.enterAgain();
        putOff(holding, command.getTtlMillis());
        return Results.granted(holding);
    }

    private Result enqueue(NamedLock lock, LockClaim claim, AcquireLock command) throws Refused {
        long deadlineMillis = clock.millis() + command.getWaitMillis();
        Waiter waiter = lock.findWaiter(claim.session().id(), claim.holder());
        if (waiter != null) {
            return askAgain(waiter, claim, command, deadlineMillis);
        }
        if (lock.waiterCount() >= limits.maxWaitersPerLock()) {
            throw Refused.limit("there are " + limits.maxWaitersPerLock() + " waiters for the lock");
        }
        if (waiterCount >= limits.maxWaiters()) {
            throw Refused.limit("there are " + limits.maxWaiters() + " waiters");
        }
        checkRoom(claim);
        int position = lock.holderCount() + lock.waiterCount();
        addWaiter(new Waiter(clock.index(), lock, claim, command.getTtlMillis(), 1, clock.millis()), deadlineMillis);
        return Results.queued(position);
    }

    private Result askAgain(Waiter waiter, LockClaim claim, AcquireLock command, long deadlineMillis) throws Refused {
        NamedLock lock = waiter.lock();
        LockChecks.again("waits for", lock.name(), waiter.claim().mode(), claim.mode());
        if (waiter.count() >= limits.maxHoldCount()) {
            throw Refused.limit("the holder asked for the lock " + limits.maxHoldCount() + " times");
        }
        if (!claim.data().isEmpty()) {
            checkRoomForData(claim);
            dataBudget.giveBack(LockChecks.bytes(waiter.claim().data()));
            waiter.showAs(claim.data());
            dataBudget.use(LockChecks.bytes(claim.data()));
        }
        waiter.askAgain(command.getTtlMillis());
        deadlines.put(waiter, Math.max(waiter.deadlineMillis(), deadlineMillis));
        return Results.queued(lock.positionOf(waiter));
    }

    /** Room for one more, wherever. */
    private void checkRoom(LockClaim claim) throws Refused {
        if (holderCount + waiterCount >= limits.maxHolders()) {
            throw Refused.limit("there are " + limits.maxHolders() + " holders and waiters of locks");
        }
        checkRoomForData(claim);
    }

    private void checkRoomForData(LockClaim claim) throws Refused {
        if (!claim.data().isEmpty() && dataBudget.isExhausted()) {
            throw Refused.limit("the data of holders have " + limits.maxAllHolderDataBytes() + " bytes");
        }
    }

    private void checkRoomAmongHolders(NamedLock lock) throws Refused {
        if (lock.holderCount() >= limits.maxHoldersPerLock()) {
            throw Refused.limit("there are " + limits.maxHoldersPerLock() + " holders of the lock");
        }
    }

    Result renew(LiveSession session, RenewLock command) throws Refused {
        checks.name(command.getName());
        checks.ttl(command.getTtlMillis());
        Holding holding =
                find(command.getName(), session, command.getOwnerSession(), command.getHolder(), command.getToken());
        if (holding == null) {
            return Results.NOT_HOLDER;
        }
        putOff(holding, command.getTtlMillis());
        return Results.granted(holding);
    }

    Result release(LiveSession session, ReleaseLock command) throws Refused {
        checks.name(command.getName());
        Holding holding =
                find(command.getName(), session, command.getOwnerSession(), command.getHolder(), command.getToken());
        return holding == null ? Results.NOT_HOLDER : leaveOnce(holding);
    }

    /** The very holding that a command means, or null. */
    private Holding find(String name, LiveSession session, long ownerSession, long holder, long token) {
        NamedLock lock = byName.get(name);
        return lock == null ? null : lock.find(ownerSession == 0 ? session.id() : ownerSession, holder, token);
    }

    /** Takes back one acquire of this handle, whether it waits or was granted meanwhile. */
    Result cancel(LiveSession session, CancelAcquire command) throws Refused {
        checks.name(command.getName());
        NamedLock lock = byName.get(command.getName());
        if (lock == null) {
            return Results.NOT_HOLDER;
        }
        Holding holding = lock.find(session.id(), command.getHolder());
        if (holding != null) {
            return leaveOnce(holding);
        }
        Waiter waiter = lock.findWaiter(session.id(), command.getHolder());
        if (waiter == null) {
            return Results.NOT_HOLDER;
        }
        waiter.takeBackOne();
        if (waiter.count() == 0) {
            giveUp(waiter);
        }
        return Results.released(waiter.count());
    }

    private Result leaveOnce(Holding holding) {
        holding.leaveOnce();
        if (holding.count() == 0) {
            free(holding);
        }
        return Results.released(holding.count());
    }

    // ---- ends ------------------------------------------------------------------------------------------------------

    /** The holder's time is over. */
    void expire(Holding holding) {
        free(holding);
    }

    /** The waiter's time is over. */
    void expire(Waiter waiter) {
        giveUp(waiter);
    }

    /** Its locks are released and its waiters leave. */
    void sessionEnded(LiveSession session) {
        session.waiters().forEach(this::giveUp);
        session.holdings().forEach(this::free);
    }

    private void free(Holding holding) {
        NamedLock lock = holding.lock();
        lock.remove(holding, clock.index());
        holding.session().remove(holding);
        deadlines.remove(holding);
        dataBudget.giveBack(LockChecks.bytes(holding.data()));
        holderCount--;
        left.add(lock);
        parkedReads.wake(new ParkedReads.HoldersTopic(lock.name()));
    }

    /** It may have stood between the holders and others behind it. */
    private void giveUp(Waiter waiter) {
        removeWaiter(waiter);
        dataBudget.giveBack(LockChecks.bytes(waiter.claim().data()));
        left.add(waiter.lock());
    }

    // ---- grants ----------------------------------------------------------------------------------------------------

    /** Grants what was left in this entry; called once, at its end. */
    void grantFreed() {
        for (NamedLock lock = left.pollFirst(); lock != null; lock = left.pollFirst()) {
            grantToWaiters(lock);
            if (lock.isVacant()) {
                byName.remove(lock.name(), lock);
            }
        }
    }

    /** Lets those in whose turn it is: the first, and each after it as long as nobody before it has to wait. */
    private void grantToWaiters(NamedLock lock) {
        for (Waiter waiter = lock.firstWaiter();
                waiter != null && lock.admits(waiter.claim());
                waiter = lock.firstWaiter()) {
            removeWaiter(waiter);
            // Granted anew below.
            dataBudget.giveBack(LockChecks.bytes(waiter.claim().data()));
            grant(lock, waiter.id(), waiter.claim(), waiter.count(), waiter.ttlMillis());
        }
    }

    /** @param asked the index of the entry in which the holder asked for it */
    private Holding grant(NamedLock lock, long asked, LockClaim claim, int count, long ttlMillis) {
        long id = claim.mode() == LockMode.LOCK_MODE_EXCLUSIVE ? lock.id() : asked;
        Holding holding = new Holding(id, lock, claim, count, clock.index(), clock.millis());
        lock.add(holding, claim.mode(), clock.index());
        adopt(holding, clock.millis() + ttlMillis);
        parkedReads.wake(new ParkedReads.HoldersTopic(lock.name()));
        return holding;
    }

    private void adopt(Holding holding, long deadlineMillis) {
        holding.session().add(holding);
        deadlines.put(holding, deadlineMillis);
        dataBudget.use(LockChecks.bytes(holding.data()));
        holderCount++;
    }

    private void putOff(Holding holding, long ttlMillis) {
        deadlines.put(holding, Math.max(holding.deadlineMillis(), clock.millis() + ttlMillis));
    }

    private void addWaiter(Waiter waiter, long deadlineMillis) {
        waiter.lock().add(waiter);
        waiter.session().add(waiter);
        deadlines.put(waiter, deadlineMillis);
        dataBudget.use(LockChecks.bytes(waiter.claim().data()));
        waiterCount++;
    }

    private void removeWaiter(Waiter waiter) {
        waiter.lock().remove(waiter);
        waiter.session().remove(waiter);
        deadlines.remove(waiter);
        waiterCount--;
        parkedReads.wake(
                new ParkedReads.LockTopic(waiter.lock().name(), waiter.session().id(), waiter.holder()));
    }

    // ---- the state -------------------------------------------------------------------------------------------------

    /** Adds a lock, out of a snapshot; its holders and waiters follow. */
    NamedLock restore(long id, String name, int capacity) {
        NamedLock lock = new NamedLock(id, name, capacity);
        Invariant.check(byName.put(lock.name(), lock) == null, "a lock's name is used once");
        return lock;
    }

    /**
     * Adds the next holder of a lock, out of a snapshot.
     *
     * @param changedIndex the last entry that changed the lock's holders
     */
    void restore(Holding holding, LockMode mode, long changedIndex, long deadlineMillis) {
        holding.lock().add(holding, mode, changedIndex);
        adopt(holding, deadlineMillis);
    }

    /** Adds the next waiter of a lock, out of a snapshot. */
    void restore(Waiter waiter, long deadlineMillis) {
        addWaiter(waiter, deadlineMillis);
    }

    /** The lock of this name, or null when nobody holds it. */
    NamedLock find(String name) {
        return byName.get(name);
    }

    /** All of them, by name; a view. */
    Collection<NamedLock> all() {
        return byName.values();
    }

    /**
     * Those from a name on, by name; a view.
     *
     * @param inclusive whether the lock of this very name is one of them
     */
    Collection<NamedLock> from(String name, boolean inclusive) {
        return byName.tailMap(name, inclusive).values();
    }

    int holderCount() {
        return holderCount;
    }

    /** The bytes of what holders and waiters want to be seen with. */
    long dataBytes() {
        return dataBudget.usedBytes();
    }
}
