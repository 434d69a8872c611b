package io.balsa.statemachine;

/** Somebody who waits for a lock: one handle of one session, however often it asked. */
final class Waiter extends Timed {
    private final NamedLock lock;
    private final long sinceMillis;
    private LockClaim claim;
    private long ttlMillis;
    private int count;

    /**
     * @param id the index of the entry that queued it
     * @param sinceMillis the time of that entry; 0 when it is not known any more
     */
    Waiter(long id, NamedLock lock, LockClaim claim, long ttlMillis, int count, long sinceMillis) {
        super(Kind.WAITER, id);
        this.lock = lock;
        this.claim = claim;
        this.ttlMillis = ttlMillis;
        this.count = count;
        this.sinceMillis = sinceMillis;
    }

    NamedLock lock() {
        return lock;
    }

    /** What it gets once it is its turn. */
    LockClaim claim() {
        return claim;
    }

    LiveSession session() {
        return claim.session();
    }

    long holder() {
        return claim.holder();
    }

    /** For how long it gets the lock once it is granted. */
    long ttlMillis() {
        return ttlMillis;
    }

    /** How often it asked: the count it gets once it is granted. */
    int count() {
        return count;
    }

    long sinceMillis() {
        return sinceMillis;
    }

    void askAgain(long newTtlMillis) {
        count++;
        ttlMillis = Math.max(ttlMillis, newTtlMillis);
    }

    void showAs(String data) {
        claim = new LockClaim(claim.session(), claim.holder(), claim.mode(), claim.permits(), data);
    }

    void takeBackOne() {
        count--;
    }
}
