package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.CancelAcquire;
import io.balsa.statemachine.proto.ReleaseLock;
import io.balsa.statemachine.proto.RenewLock;
import io.balsa.statemachine.proto.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Decides who holds which lock.
 *
 * <p>A lock that becomes free is granted at the end of the entry, when everything that is due at the entry's stamp is gone
 * and the command is executed. So nobody is granted a lock who is not there any more (a waiter that died with its session
 * at the same stamp), and no lock is granted twice by one entry, whose index is the token.
 */
final class LockTable {
    private final StateMachineLimits limits;
    private final Checks checks;
    private final ReplicatedClock clock;
    private final Deadlines deadlines;
    private final ParkedReads parkedReads;
    private final Map<String, NamedLock> byName = new HashMap<>();

    /** Locks that nobody holds since this entry. */
    private final TreeSet<NamedLock> freed = new TreeSet<>(Comparator.comparingLong(NamedLock::id));

    private int waiterCount;

    LockTable(StateMachineLimits limits, ReplicatedClock clock, Deadlines deadlines, ParkedReads parkedReads) {
        this.limits = limits;
        this.checks = new Checks(limits);
        this.clock = clock;
        this.deadlines = deadlines;
        this.parkedReads = parkedReads;
    }

    Result acquire(LiveSession session, AcquireLock command) throws Refused {
        checks.name("the lock's name", command.getName());
        checks.ttl(command.getTtlMillis());
        checks.waitMillis(command.getWaitMillis());

        NamedLock lock = byName.get(command.getName());
        if (lock == null) {
            if (byName.size() >= limits.maxLocks()) {
                throw Refused.limit("there are " + limits.maxLocks() + " locks");
            }
            lock = new NamedLock(clock.index(), command.getName());
            byName.put(lock.name(), lock);
            grant(lock, session, command.getHolder(), 1, command.getTtlMillis());
            return Results.granted(lock);
        }
        if (!lock.isHeld()) {
            // Freed by this very entry's stamp: whoever waits comes first.
            grantToFirstWaiter(lock);
        }
        if (!lock.isHeld()) {
            grant(lock, session, command.getHolder(), 1, command.getTtlMillis());
            return Results.granted(lock);
        }
        if (lock.isHeldBy(session.id(), command.getHolder())) {
            return enterAgain(lock, command);
        }
        if (command.getWaitMillis() == 0) {
            return Results.held(lock);
        }
        return enqueue(lock, session, command);
    }

    private Result enterAgain(NamedLock lock, AcquireLock command) throws Refused {
        if (lock.count() >= limits.maxHoldCount()) {
            throw Refused.limit("the holder has the lock " + limits.maxHoldCount() + " times");
        }
        lock.enterAgain();
        putOff(lock, command.getTtlMillis());
        return Results.granted(lock);
    }

    private Result enqueue(NamedLock lock, LiveSession session, AcquireLock command) throws Refused {
        long deadlineMillis = clock.millis() + command.getWaitMillis();
        Waiter waiter = lock.findWaiter(session.id(), command.getHolder());
        if (waiter != null) {
            if (waiter.count() >= limits.maxHoldCount()) {
                throw Refused.limit("the holder asked for the lock " + limits.maxHoldCount() + " times");
            }
            waiter.askAgain(command.getTtlMillis());
            deadlines.put(waiter, Math.max(waiter.deadlineMillis(), deadlineMillis));
            return Results.queued(lock.positionOf(waiter));
        }
        if (lock.waiterCount() >= limits.maxWaitersPerLock()) {
            throw Refused.limit("there are " + limits.maxWaitersPerLock() + " waiters for the lock");
        }
        if (waiterCount >= limits.maxWaiters()) {
            throw Refused.limit("there are " + limits.maxWaiters() + " waiters");
        }
        addWaiter(
                new Waiter(clock.index(), lock, session, command.getHolder(), command.getTtlMillis(), 1),
                deadlineMillis);
        return Results.queued(lock.waiterCount());
    }

    Result renew(LiveSession session, RenewLock command) throws Refused {
        checks.name("the lock's name", command.getName());
        checks.ttl(command.getTtlMillis());
        NamedLock lock = byName.get(command.getName());
        long owner = command.getOwnerSession() == 0 ? session.id() : command.getOwnerSession();
        if (lock == null || !lock.isHeldBy(owner, command.getHolder(), command.getToken())) {
            return Results.NOT_HOLDER;
        }
        putOff(lock, command.getTtlMillis());
        return Results.granted(lock);
    }

    Result release(LiveSession session, ReleaseLock command) throws Refused {
        checks.name("the lock's name", command.getName());
        NamedLock lock = byName.get(command.getName());
        long owner = command.getOwnerSession() == 0 ? session.id() : command.getOwnerSession();
        if (lock == null || !lock.isHeldBy(owner, command.getHolder(), command.getToken())) {
            return Results.NOT_HOLDER;
        }
        return leaveOnce(lock);
    }

    /** Takes back one acquire of this handle, whether it waits or was granted meanwhile. */
    Result cancel(LiveSession session, CancelAcquire command) throws Refused {
        checks.name("the lock's name", command.getName());
        NamedLock lock = byName.get(command.getName());
        if (lock == null) {
            return Results.NOT_HOLDER;
        }
        if (lock.isHeldBy(session.id(), command.getHolder())) {
            return leaveOnce(lock);
        }
        Waiter waiter = lock.findWaiter(session.id(), command.getHolder());
        if (waiter == null) {
            return Results.NOT_HOLDER;
        }
        waiter.takeBackOne();
        if (waiter.count() == 0) {
            removeWaiter(waiter);
        }
        return Results.released(waiter.count());
    }

    private Result leaveOnce(NamedLock lock) {
        lock.leaveOnce();
        int remaining = lock.count();
        if (remaining == 0) {
            free(lock);
        }
        return Results.released(remaining);
    }

    /** The holder's time is over. */
    void expire(NamedLock lock) {
        free(lock);
    }

    /** The waiter's time is over. */
    void expire(Waiter waiter) {
        removeWaiter(waiter);
    }

    /** Its locks are released and its waiters leave. */
    void sessionEnded(LiveSession session) {
        session.waiters().forEach(this::removeWaiter);
        session.locks().forEach(this::free);
    }

    /** Grants what this entry freed; called once, at its end. */
    void grantFreed() {
        for (NamedLock lock = freed.pollFirst(); lock != null; lock = freed.pollFirst()) {
            if (!lock.isHeld()) {
                grantToFirstWaiter(lock);
            }
            if (!lock.isHeld()) {
                byName.remove(lock.name(), lock);
            }
        }
    }

    private void free(NamedLock lock) {
        lock.session().remove(lock);
        deadlines.remove(lock);
        lock.free();
        freed.add(lock);
    }

    private void grantToFirstWaiter(NamedLock lock) {
        Waiter waiter = lock.firstWaiter();
        if (waiter != null) {
            removeWaiter(waiter);
            grant(lock, waiter.session(), waiter.holder(), waiter.count(), waiter.ttlMillis());
        }
    }

    private void grant(NamedLock lock, LiveSession session, long holder, int count, long ttlMillis) {
        Invariant.check(session.position() >= 0, "a lock is granted to an open session");
        lock.grant(session, holder, count, clock.index(), clock.millis());
        session.add(lock);
        deadlines.put(lock, clock.millis() + ttlMillis);
    }

    private void putOff(NamedLock lock, long ttlMillis) {
        deadlines.put(lock, Math.max(lock.deadlineMillis(), clock.millis() + ttlMillis));
    }

    private void addWaiter(Waiter waiter, long deadlineMillis) {
        waiter.lock().add(waiter);
        waiter.session().add(waiter);
        deadlines.put(waiter, deadlineMillis);
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

    /** Adds a lock that is held, out of a snapshot. */
    void restore(NamedLock lock, long deadlineMillis) {
        Invariant.check(byName.put(lock.name(), lock) == null, "a lock's name is used once");
        lock.session().add(lock);
        deadlines.put(lock, deadlineMillis);
    }

    /** Adds the next waiter of a lock, out of a snapshot. */
    void restore(Waiter waiter, long deadlineMillis) {
        addWaiter(waiter, deadlineMillis);
    }

    /** The lock of this name, or null when nobody holds it. */
    NamedLock find(String name) {
        return byName.get(name);
    }

    /** All of them, in no order. */
    List<NamedLock> all() {
        return new ArrayList<>(byName.values());
    }
}
