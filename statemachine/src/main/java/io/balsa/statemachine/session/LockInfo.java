package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the cluster knows of a lock.
 *
 * <p>All times are by the replicated clock, which stands still while nothing is written: what remains is rather told too long
 * than too short, and what has passed too short.
 *
 * @param name the lock
 * @param mode what all its holders have in common; {@code EXCLUSIVE} when it is free
 * @param capacity how many permits the semaphore has; 0 when it is none, or free
 * @param permits how many of them are taken
 * @param holders who holds it, longest first; as many as an answer holds, in a list of locks the first ten
 * @param holderCount how many hold it
 * @param waiters who waits, the next one first; as many as an answer holds, and none in a list of locks or from a watch
 * @param waiterCount how many wait
 * @param version changes whenever the holders do; 0 when it is free
 */
public record LockInfo(
        String name,
        LockMode mode,
        int capacity,
        int permits,
        List<Holder> holders,
        int holderCount,
        List<Waiter> waiters,
        int waiterCount,
        long version) {
    public LockInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mode, "mode");
        holders = List.copyOf(holders);
        waiters = List.copyOf(waiters);
    }

    /** A lock that nobody holds. */
    public static LockInfo free(String name) {
        return new LockInfo(name, LockMode.EXCLUSIVE, 0, 0, List.of(), 0, List.of(), 0, 0);
    }

    /** Whether somebody holds it. */
    public boolean isHeld() {
        return holderCount > 0;
    }

    /** Who holds it longest: the only holder of an exclusive lock; empty when it is free. */
    public Optional<Holder> holder() {
        return holders.stream().findFirst();
    }

    /**
     * Who holds a lock.
     *
     * @param id by it the lock can be released
     * @param clientName what the holder's session calls itself
     * @param count how often the holder acquired it
     * @param permits how many it has of a semaphore's; else 0
     * @param held since it was granted
     * @param remaining until it expires
     * @param data what it wants to be seen with; may be empty
     */
    public record Holder(
            LockId id, String clientName, int count, int permits, Duration held, Duration remaining, String data) {}

    /**
     * Who waits for a lock.
     *
     * @param session the session that waits
     * @param holder which of its handles
     * @param clientName what the waiter's session calls itself
     * @param mode how it wants it
     * @param permits how many it wants of a semaphore's; else 0
     * @param waiting since it asked; empty when that was before the cluster's servers knew how to remember it
     * @param remaining until it gives up
     * @param data what it wants to be seen with; may be empty
     */
    public record Waiter(
            long session,
            long holder,
            String clientName,
            LockMode mode,
            int permits,
            Optional<Duration> waiting,
            Duration remaining,
            String data) {}
}
