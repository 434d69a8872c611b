package io.balsa.lock.redis;

import java.time.Duration;
import java.util.Objects;

/**
 * How locks of Redis are kept. Immutable.
 *
 * @param keyPrefix before all keys and channels of these locks, 1 to 128 characters. Those who share locks share it; locks of
 *     different prefixes have nothing to do with each other
 * @param holderName names this process to people who look at the keys, 1 to 64 printable characters
 * @param requestTimeout how long the answer to one request may take, 10 ms to 1 minute. Best well below the TTL of locks: a
 *     renewal that gets no answer is tried again only after it
 * @param pollInterval a waiter asks at least so often, should it not hear of a release; 10 ms to 1 minute. It asks earlier
 *     when the TTL of the lock is over. In quorum mode, where nobody hears of releases, the longest pause between two
 *     attempts, and 100 ms at most
 */
public record RedisLockOptions(String keyPrefix, String holderName, Duration requestTimeout, Duration pollInterval) {
    private static final int MAX_PREFIX = 128;
    private static final int MAX_NAME = 64;
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final RedisLockOptions DEFAULTS = new RedisLockOptions(
            "balsa:", "pid-" + ProcessHandle.current().pid(), Duration.ofSeconds(3), Duration.ofSeconds(2));

    public RedisLockOptions {
        Objects.requireNonNull(keyPrefix, "keyPrefix");
        Objects.requireNonNull(holderName, "holderName");
        if (keyPrefix.isEmpty() || keyPrefix.length() > MAX_PREFIX) {
            throw new IllegalArgumentException(
                    "the key prefix must have 1 to " + MAX_PREFIX + " characters, not " + keyPrefix.length());
        }
        if (holderName.isEmpty()
                || holderName.length() > MAX_NAME
                || holderName.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("the holder name must have 1 to " + MAX_NAME
                    + " characters without control characters; '" + holderName + "' has not");
        }
        requireRange("request timeout", requestTimeout);
        requireRange("poll interval", pollInterval);
    }

    private static void requireRange(String what, Duration value) {
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "the " + what + " must be between " + SHORTEST + " and " + LONGEST + ", not " + value);
        }
    }

    /** Prefix {@code balsa:}, the number of this process as its name, a request timeout of 3 s, a poll interval of 2 s. */
    public static RedisLockOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another prefix. */
    public RedisLockOptions withKeyPrefix(String newKeyPrefix) {
        return new RedisLockOptions(newKeyPrefix, holderName, requestTimeout, pollInterval);
    }

    /** The same with another name of the holder. */
    public RedisLockOptions withHolderName(String newHolderName) {
        return new RedisLockOptions(keyPrefix, newHolderName, requestTimeout, pollInterval);
    }

    /** The same with another request timeout. */
    public RedisLockOptions withRequestTimeout(Duration newRequestTimeout) {
        return new RedisLockOptions(keyPrefix, holderName, newRequestTimeout, pollInterval);
    }

    /** The same with another poll interval. */
    public RedisLockOptions withPollInterval(Duration newPollInterval) {
        return new RedisLockOptions(keyPrefix, holderName, requestTimeout, newPollInterval);
    }
}
