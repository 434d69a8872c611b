package io.balsa.lock;

import java.time.Duration;

/** A lock was not free in time. */
public final class LockNotAcquiredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LockNotAcquiredException(String key, Duration wait) {
        super(
                wait.isZero()
                        ? "the lock '" + key + "' is held by another; wait for it, or try later"
                        : "the lock '" + key + "' was not free within " + wait.toMillis()
                                + " ms; wait longer, or try later");
    }
}
