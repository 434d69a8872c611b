package io.balsa.lock.backend;

import io.balsa.statemachine.session.LockGrant;
import java.time.Duration;
import java.util.Objects;

/**
 * One holding of one lock, as it was granted or last renewed. Immutable.
 *
 * @param key the lock
 * @param id names this holding and no other, in the words of the backend: whoever knows it can release it
 * @param token the fencing token, positive; {@link #NO_TOKEN} from a backend without {@link io.balsa.lock.Capability#FENCING}
 * @param ttl for how long it was granted
 * @param sentNanos this process's monotonic clock ({@link System#nanoTime}) just before the request was sent that granted or
 *     renewed it. The backend began to count later, so counting from here never believes too long
 */
public record Holding(String key, String id, long token, Duration ttl, long sentNanos) {
    /** Instead of a token. */
    public static final long NO_TOKEN = 0;

    public Holding {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(ttl, "ttl");
    }

    /** The same holding, its end put off. */
    public Holding renewed(Duration newTtl, long newSentNanos) {
        return new Holding(key, id, token, newTtl, newSentNanos);
    }

    /**
     * The nanosecond of the monotonic clock from which the lock must not be believed in, renewed or not: the clocks of this
     * process and of the backend may run apart by one part in {@link LockGrant#DRIFT_DIVISOR}.
     */
    public long validUntilNanos() {
        long ttlNanos = ttl.toNanos();
        return sentNanos + ttlNanos - ttlNanos / LockGrant.DRIFT_DIVISOR;
    }
}
