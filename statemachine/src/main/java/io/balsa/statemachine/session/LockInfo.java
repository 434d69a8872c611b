package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the cluster knows of a lock.
 *
 * @param name the lock
 * @param holder who holds it; empty when it is free
 * @param waiters who waits, the next one first
 */
public record LockInfo(String name, Optional<Holder> holder, List<Waiter> waiters) {
    public LockInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(holder, "holder");
        waiters = List.copyOf(waiters);
    }

    /** Whether somebody holds it. */
    public boolean isHeld() {
        return holder.isPresent();
    }

    /**
     * Who holds a lock.
     *
     * @param id by it the lock can be released
     * @param clientName what the holder's session calls itself
     * @param count how often the holder acquired it
     * @param remaining until it expires by the replicated clock, which stands still while nothing is written: rather too
     *     long than too short
     */
    public record Holder(LockId id, String clientName, int count, Duration remaining) {}

    /**
     * Who waits for a lock.
     *
     * @param clientName what the waiter's session calls itself
     * @param remaining until it gives up, by the replicated clock
     */
    public record Waiter(long session, long holder, String clientName, Duration remaining) {}
}
