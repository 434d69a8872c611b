package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.Objects;

/**
 * A lock that was granted or renewed, and for how long this client may believe so.
 *
 * @param id which holding of which lock
 * @param ttl for how long it was granted
 * @param sentNanos this client's monotonic clock ({@link System#nanoTime}) just before the request was sent that granted or
 *     renewed it. The cluster began to count later, so counting from here never believes too long
 */
public record LockGrant(LockId id, Duration ttl, long sentNanos) {
    /** The two clocks may run apart by one part in this many while the lock is held, and it is given up early by so much. */
    public static final int DRIFT_DIVISOR = 100;

    public LockGrant {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(ttl, "ttl");
    }

    /** The lock. */
    public String name() {
        return id.name();
    }

    /** The fencing token: whatever the lock protects refuses a token smaller than one that it has seen. */
    public long token() {
        return id.token();
    }

    /** The nanosecond of the monotonic clock from which the lock must not be believed in, renewed or not. */
    public long validUntilNanos() {
        long ttlNanos = ttl.toNanos();
        return sentNanos + ttlNanos - ttlNanos / DRIFT_DIVISOR;
    }

    /**
     * How long the lock may still be believed in; zero when no longer.
     *
     * @param nowNanos the monotonic clock now
     */
    public Duration remaining(long nowNanos) {
        return Duration.ofNanos(Math.max(0, validUntilNanos() - nowNanos));
    }
}
