package io.balsa.statemachine;

/** Somebody who waits for a lock: one handle of one session, however often it asked. */
final class Waiter extends Timed {
    private final NamedLock lock;
    private final LiveSession session;
    private final long holder;
    private long ttlMillis;
    private int count;

    /** @param id the index of the entry that queued it */
    Waiter(long id, NamedLock lock, LiveSession session, long holder, long ttlMillis, int count) {
        super(Kind.WAITER, id);
        this.lock = lock;
        this.session = session;
        this.holder = holder;
        this.ttlMillis = ttlMillis;
        this.count = count;
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

    /** For how long it gets the lock once it is granted. */
    long ttlMillis() {
        return ttlMillis;
    }

    /** How often it asked: the count it gets once it is granted. */
    int count() {
        return count;
    }

    void askAgain(long newTtlMillis) {
        count++;
        ttlMillis = Math.max(ttlMillis, newTtlMillis);
    }

    void takeBackOne() {
        count--;
    }
}
