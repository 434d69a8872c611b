package io.balsa.lock;

/** What a {@link DistributedLock} can do; what one can't is refused by {@link UnsupportedCapabilityException}. */
public enum Capability {
    /** Leases have a {@link LockLease#token} that is larger than that of every earlier holder of the lock. */
    FENCING("fencing tokens"),

    /** Who waits is granted the lock in the order of arrival. */
    FAIRNESS("waiters served in the order of arrival"),

    /**
     * The service itself ends a lock whose TTL is over. Without it, the TTL is kept by the holder's process, and the lock of one
     * that died ends with its session.
     */
    SERVER_TTL("a TTL that the service keeps by itself"),

    /** Nobody holds a lock twice and none is forgotten as long as a majority of the servers lives, whichever fail. */
    MAJORITY("locks that survive the failure of a minority of the servers"),

    /** {@link DistributedLock#describe} tells who holds a lock and who waits for it. */
    INSPECTION("telling who holds and who waits");

    private final String description;

    Capability(String description) {
        this.description = description;
    }

    /** In words, to be put into a sentence. */
    public String description() {
        return description;
    }
}
