package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import io.balsa.statemachine.proto.LockMode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One lock: of which kind it is, who holds it, and who waits.
 *
 * <p>It is vacant only in the middle of an entry: when the entry is done, it has been granted to the first waiter or has
 * vanished. And then the first waiter is always one that can't be admitted yet.
 */
final class NamedLock {
    /** The capacity of what is not a semaphore: a mutex, or a read-write lock. */
    static final int NO_PERMITS = 0;

    /** Two handles of one session are strangers to each other. */
    private record HandleKey(long session, long holder) {}

    private final long id;
    private final String name;
    private int capacity;

    /** What all present holders have in common. */
    private LockMode mode = LockMode.LOCK_MODE_EXCLUSIVE;

    private int permits;
    private long lastToken;
    private long version;

    /** The usual case, which needs no map: the one holder. */
    private Holding only;

    /** Two holders and more, in the order in which they were granted; null while there are fewer. */
    private Map<HandleKey, Holding> many;

    /** First come, first; null while nobody waits. */
    private Map<HandleKey, Waiter> waiters;

    /**
     * @param id the index of the entry that made it
     * @param capacity how many permits it has, or {@link #NO_PERMITS}
     */
    NamedLock(long id, String name, int capacity) {
        this.id = id;
        this.name = name;
        this.capacity = capacity;
    }

    long id() {
        return id;
    }

    String name() {
        return name;
    }

    /** How many permits it has, or {@link #NO_PERMITS}. */
    int capacity() {
        return capacity;
    }

    LockMode mode() {
        return mode;
    }

    /** How many permits are taken. */
    int permits() {
        return permits;
    }

    /** Changes with the holders: the index of the last entry that changed them. */
    long version() {
        return version;
    }

    boolean isHeld() {
        return only != null || many != null;
    }

    /** Whether nobody holds it or waits for it. */
    boolean isVacant() {
        return !isHeld() && waiters == null;
    }

    /** It can be of another kind when nobody uses it as what it was. */
    void become(int newCapacity) {
        Invariant.check(isVacant(), "a lock that is in use does not change its kind");
        capacity = newCapacity;
    }

    // ---- holders ---------------------------------------------------------------------------------------------------

    /** Whether the present holders let this one in; those who wait are another question. */
    boolean admits(LockClaim claim) {
        if (!isHeld()) {
            return true;
        }
        return switch (claim.mode()) {
            case LOCK_MODE_SHARED -> mode == LockMode.LOCK_MODE_SHARED;
            case LOCK_MODE_PERMITS -> permits + claim.permits() <= capacity;
            case LOCK_MODE_EXCLUSIVE, UNRECOGNIZED -> false;
        };
    }

    /** @param index of the entry that grants it, or granted it */
    void add(Holding holding, LockMode newMode, long index) {
        boolean alone = !isHeld();
        Invariant.check(alone || (newMode == mode && newMode != LockMode.LOCK_MODE_EXCLUSIVE), "a writer is alone");
        Invariant.check(
                holding.token() > lastToken || (!alone && holding.token() == lastToken),
                "token %d of a lock is larger than the one before, %d",
                holding.token(),
                lastToken);
        mode = newMode;
        lastToken = holding.token();
        version = index;
        permits += holding.permits();
        Invariant.check(permits <= capacity, "there are no more permits than the semaphore has");
        if (alone) {
            only = holding;
            return;
        }
        if (many == null) {
            many = new LinkedHashMap<>();
            many.put(keyOf(only), only);
            only = null;
        }
        Invariant.check(many.put(keyOf(holding), holding) == null, "a handle holds a lock once");
    }

    void remove(Holding holding, long index) {
        if (many == null) {
            Invariant.check(only == holding, "a holder leaves once");
            only = null;
        } else {
            Invariant.check(many.remove(keyOf(holding), holding), "a holder leaves once");
            if (many.size() == 1) {
                only = many.values().iterator().next();
                many = null;
            }
        }
        permits -= holding.permits();
        version = index;
    }

    /** The holding of this handle, or null. */
    Holding find(long sessionId, long holderId) {
        if (many != null) {
            return many.get(new HandleKey(sessionId, holderId));
        }
        return only != null && only.session().id() == sessionId && only.holder() == holderId ? only : null;
    }

    /** The very holding that this token was given for, or null. */
    Holding find(long sessionId, long holderId, long token) {
        Holding holding = find(sessionId, holderId);
        return holding != null && holding.token() == token ? holding : null;
    }

    /** Who has it longest; only while it is held. */
    Holding firstHolding() {
        return many == null ? only : many.values().iterator().next();
    }

    int holderCount() {
        if (many != null) {
            return many.size();
        }
        return only == null ? 0 : 1;
    }

    /** In the order in which they were granted; a view. */
    Collection<Holding> holdings() {
        if (many != null) {
            return many.values();
        }
        return only == null ? List.of() : List.of(only);
    }

    private static HandleKey keyOf(Holding holding) {
        return new HandleKey(holding.session().id(), holding.holder());
    }

    // ---- waiters ---------------------------------------------------------------------------------------------------

    void add(Waiter waiter) {
        if (waiters == null) {
            waiters = new LinkedHashMap<>();
        }
        Waiter before = waiters.put(keyOf(waiter), waiter);
        Invariant.check(before == null, "a handle waits once");
    }

    void remove(Waiter waiter) {
        boolean removed = waiters.remove(keyOf(waiter), waiter);
        Invariant.check(removed, "a waiter leaves once");
        if (waiters.isEmpty()) {
            waiters = null;
        }
    }

    private static HandleKey keyOf(Waiter waiter) {
        return new HandleKey(waiter.session().id(), waiter.holder());
    }

    /** The waiter of this handle, or null. */
    Waiter findWaiter(long sessionId, long holderId) {
        return waiters == null ? null : waiters.get(new HandleKey(sessionId, holderId));
    }

    /** Who is to have it next, or null. */
    Waiter firstWaiter() {
        return waiters == null ? null : waiters.values().iterator().next();
    }

    int waiterCount() {
        return waiters == null ? 0 : waiters.size();
    }

    /** In their order; a view. */
    Collection<Waiter> waiters() {
        return waiters == null ? List.of() : waiters.values();
    }

    /** How many are before this waiter, the holders included. */
    int positionOf(Waiter waiter) {
        int position = holderCount();
        for (Waiter other : waiters.values()) {
            if (other == waiter) {
                break;
            }
            position++;
        }
        return position;
    }
}
