package io.balsa.lock;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who holds a lock and who waits for it, as its service sees it.
 *
 * @param key the lock
 * @param holders who hold it; empty when it is free, several for readers and permits
 * @param waiters who wait, the next one first
 */
public record LockDescription(String key, List<Holder> holders, List<Waiter> waiters) {
    public LockDescription {
        Objects.requireNonNull(key, "key");
        holders = List.copyOf(holders);
        waiters = List.copyOf(waiters);
    }

    /**
     * Who holds a lock.
     *
     * @param owner who that is, in the words of the service: a client's name, a session, a host
     * @param id names the holding, as {@link LockLease#id} does
     * @param token the fencing token, where the service has such
     * @param held for how long it has held it, where the service knows
     * @param remaining until it runs out unless it is renewed, where the service knows
     */
    public record Holder(
            String owner, String id, OptionalLong token, Optional<Duration> held, Optional<Duration> remaining) {
        public Holder {
            Objects.requireNonNull(owner, "owner");
            Objects.requireNonNull(id, "id");
        }
    }

    /**
     * Who waits for a lock.
     *
     * @param owner who that is, in the words of the service
     */
    public record Waiter(String owner) {
        public Waiter {
            Objects.requireNonNull(owner, "owner");
        }
    }
}
