package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One lock: who holds it, until when, and who waits.
 *
 * <p>It is free only in the middle of an entry: when the entry is done, it has been granted to the first waiter or has
 * vanished.
 */
final class NamedLock extends Timed {
    /** Two handles of one session exclude each other. */
    private record HandleKey(long session, long holder) {}

    private final String name;

    private LiveSession session;
    private long holder;
    private long token;
    private long grantedMillis;
    private int count;

    /** First come, first; null while nobody waits. */
    private Map<HandleKey, Waiter> waiters;

    /** @param id the index of the entry that made it, which is also the token of its first grant */
    NamedLock(long id, String name) {
        super(Kind.LOCK, id);
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean isHeld() {
        return session != null;
    }

    boolean isHeldBy(long sessionId, long holderId) {
        return session != null && session.id() == sessionId && holder == holderId;
    }

    boolean isHeldBy(long sessionId, long holderId, long heldToken) {
        return isHeldBy(sessionId, holderId) && token == heldToken;
    }

    LiveSession session() {
        return session;
    }

    long holder() {
        return holder;
    }

    long token() {
        return token;
    }

    long grantedMillis() {
        return grantedMillis;
    }

    int count() {
        return count;
    }

    void grant(LiveSession newSession, long newHolder, int newCount, long newToken, long nowMillis) {
        Invariant.check(session == null, "a lock is granted only when it is free");
        Invariant.check(newToken > token, "token %d of a lock is larger than the one before, %d", newToken, token);
        session = newSession;
        holder = newHolder;
        count = newCount;
        token = newToken;
        grantedMillis = nowMillis;
    }

    void enterAgain() {
        count++;
    }

    void leaveOnce() {
        count--;
    }

    void free() {
        session = null;
        holder = 0;
        count = 0;
    }

    void add(Waiter waiter) {
        if (waiters == null) {
            waiters = new LinkedHashMap<>();
        }
        Waiter before = waiters.put(new HandleKey(waiter.session().id(), waiter.holder()), waiter);
        Invariant.check(before == null, "a handle waits once");
    }

    void remove(Waiter waiter) {
        boolean removed = waiters.remove(new HandleKey(waiter.session().id(), waiter.holder()), waiter);
        Invariant.check(removed, "a waiter leaves once");
        if (waiters.isEmpty()) {
            waiters = null;
        }
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

    /** How many are before this waiter, the holder included. */
    int positionOf(Waiter waiter) {
        int position = 1;
        for (Waiter other : waiters.values()) {
            if (other == waiter) {
                break;
            }
            position++;
        }
        return position;
    }
}
