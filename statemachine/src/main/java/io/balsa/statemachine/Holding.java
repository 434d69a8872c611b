package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;

/** One holder's part in a lock: whose it is, since when and until when, and how often it was acquired. */
final class Holding extends Timed {
    private final NamedLock lock;
    private final LiveSession session;
    private final long holder;
    private final int permits;
    private final long token;
    private final long grantedMillis;
    private int count;
    private String data;

    /** @param id of the lock when nobody else can hold it, else the index of the entry that asked for it */
    Holding(long id, NamedLock lock, LockClaim claim, int count, long token, long grantedMillis) {
        super(Kind.LOCK, id);
        Invariant.check(claim.session().position() >= 0, "a lock is granted to an open session");
        this.lock = lock;
        this.session = claim.session();
        this.holder = claim.holder();
        this.permits = claim.permits();
        this.data = claim.data();
        this.count = count;
        this.token = token;
        this.grantedMillis = grantedMillis;
    }

    NamedLock lock() {
        return lock;
    }

    LiveSession session() {
        return session;
    }

    long holder() {
        return holder;
    }

    /** How many of the semaphore's it has; 0 when the lock is none. */
    int permits() {
        return permits;
    }

    /** The fencing token. */
    long token() {
        return token;
    }

    long grantedMillis() {
        return grantedMillis;
    }

    /** How often it was acquired and not released yet. */
    int count() {
        return count;
    }

    /** What the holder wants to be seen with. */
    String data() {
        return data;
    }

    void enterAgain() {
        count++;
    }

    void leaveOnce() {
        count--;
    }

    void showAs(String newData) {
        data = newData;
    }
}
