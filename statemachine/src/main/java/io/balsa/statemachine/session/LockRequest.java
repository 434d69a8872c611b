package io.balsa.statemachine.session;

import java.time.Duration;
import java.util.Objects;

/**
 * What somebody wants of a lock. Made by {@link #exclusive}, {@link #shared} or {@link #permits}, and changed by the methods
 * that return another one: {@code LockRequest.shared("orders", ttl).waiting(Duration.ofSeconds(5))}.
 *
 * <p>{@code EXCLUSIVE} and {@code SHARED} go together under one name: a mutex, or a read-write lock. A semaphore's name is its
 * own, and its capacity is the same for all as long as anybody holds permits or waits for some; the cluster refuses what does
 * not fit ({@link InvalidRequestException}), and says what the lock is.
 *
 * @param name 1 to 512 bytes in UTF-8
 * @param mode how it gets on with other holders
 * @param permits how many of the semaphore's; 0 in the other modes
 * @param capacity how many the semaphore has, 1 to 1,000,000; 0 in the other modes
 * @param ttl after this time without renewal the cluster gives the lock to the next one; 100 ms to 24 h
 * @param waitTime how long to wait for it; zero: not at all; at most 24 h
 * @param data what the holder wants to be seen with by whoever looks at the lock, also while it waits: an address, say; at most
 *     1 KiB in UTF-8, may be empty
 */
public record LockRequest(
        String name, LockMode mode, int permits, int capacity, Duration ttl, Duration waitTime, String data) {
    /** @throws IllegalArgumentException if permits or capacity do not fit to the mode, or the wait is negative */
    public LockRequest {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(ttl, "ttl");
        Objects.requireNonNull(waitTime, "waitTime");
        Objects.requireNonNull(data, "data");
        if (mode == LockMode.PERMITS && (permits < 1 || permits > capacity)) {
            throw new IllegalArgumentException(
                    permits + " permits of semaphore '" + name + "' are not from 1 to its capacity, " + capacity);
        }
        if (mode != LockMode.PERMITS && (permits != 0 || capacity != 0)) {
            throw new IllegalArgumentException(
                    "permits and capacity are for the mode PERMITS; lock '" + name + "' is wanted " + mode);
        }
        if (waitTime.isNegative()) {
            throw new IllegalArgumentException("nobody can wait for lock '" + name + "' for " + waitTime);
        }
    }

    /** For a mutex, or to write under a read-write lock. Does not wait. */
    public static LockRequest exclusive(String name, Duration ttl) {
        return new LockRequest(name, LockMode.EXCLUSIVE, 0, 0, ttl, Duration.ZERO, "");
    }

    /** To read under a read-write lock. Does not wait. */
    public static LockRequest shared(String name, Duration ttl) {
        return new LockRequest(name, LockMode.SHARED, 0, 0, ttl, Duration.ZERO, "");
    }

    /**
     * For some permits of a semaphore, all or none. Does not wait.
     *
     * @param permits from 1 to the capacity
     * @param capacity how many the semaphore has
     */
    public static LockRequest permits(String name, int permits, int capacity, Duration ttl) {
        return new LockRequest(name, LockMode.PERMITS, permits, capacity, ttl, Duration.ZERO, "");
    }

    /** The same, which waits so long. */
    public LockRequest waiting(Duration newWaitTime) {
        return new LockRequest(name, mode, permits, capacity, ttl, newWaitTime, data);
    }

    /** The same, seen with this. */
    public LockRequest showing(String newData) {
        return new LockRequest(name, mode, permits, capacity, ttl, waitTime, newData);
    }
}
