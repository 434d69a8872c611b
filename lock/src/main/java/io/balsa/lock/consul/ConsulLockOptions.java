package io.balsa.lock.consul;

import java.time.Duration;
import java.util.Objects;

/**
 * How locks are kept at Consul. Immutable.
 *
 * @param prefix before the name of each lock in Consul's key-values; not empty. Clients of the same locks use the same one
 * @param owner tells an operator who holds a lock: the name of its session and the value of its key
 * @param lockDelay for how long Consul gives a lock to nobody after its holder lost it, so that one who does not know it yet can
 *     finish; 0 to 60 s, whole milliseconds count. Consul's default, and the one here, is 15 s. A lock that was released is free at
 *     once
 * @param requestTimeout how long at most to wait for the answer to one request; positive, at most one minute
 * @param requests how many requests to acquire are under way at once, each on a connection of its own: 1 to 128. Renewals and
 *     releases have half as many for themselves, and what ends sessions that nobody needs has as many again
 */
public record ConsulLockOptions(
        String prefix, String owner, Duration lockDelay, Duration requestTimeout, int requests) {
    /** The longest lock delay that Consul takes. */
    static final Duration MAX_LOCK_DELAY = Duration.ofSeconds(60);

    private static final Duration MAX_REQUEST_TIMEOUT = Duration.ofMinutes(1);
    private static final int MAX_REQUESTS = 128;

    private static final ConsulLockOptions DEFAULTS = new ConsulLockOptions(
            "balsa/locks/",
            "process " + ProcessHandle.current().pid(),
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            32);

    public ConsulLockOptions {
        Objects.requireNonNull(owner, "owner");
        if (prefix.isEmpty() || prefix.startsWith("/")) {
            throw new IllegalArgumentException("the prefix of locks at Consul is '" + prefix
                    + "'; it must not be empty nor begin with a slash: balsa/locks/, say");
        }
        if (lockDelay.isNegative() || lockDelay.compareTo(MAX_LOCK_DELAY) > 0) {
            throw new IllegalArgumentException(
                    "the lock delay is " + lockDelay + "; Consul takes 0 to " + MAX_LOCK_DELAY.toSeconds() + " s");
        }
        if (requestTimeout.isNegative()
                || requestTimeout.isZero()
                || requestTimeout.compareTo(MAX_REQUEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("the request timeout is " + requestTimeout
                    + "; it must be positive and at most " + MAX_REQUEST_TIMEOUT.toSeconds() + " s");
        }
        if (requests < 1 || requests > MAX_REQUESTS) {
            throw new IllegalArgumentException(
                    "there cannot be " + requests + " requests at once; 1 to " + MAX_REQUESTS + " can");
        }
    }

    /**
     * Under {@code balsa/locks/}, named by the process's number, with Consul's lock delay of 15 s, 10 s for a request, and 32
     * at once.
     */
    public static ConsulLockOptions defaults() {
        return DEFAULTS;
    }

    /** The same under another prefix. */
    public ConsulLockOptions withPrefix(String newPrefix) {
        return new ConsulLockOptions(newPrefix, owner, lockDelay, requestTimeout, requests);
    }

    /** The same with another name of the holder. */
    public ConsulLockOptions withOwner(String newOwner) {
        return new ConsulLockOptions(prefix, newOwner, lockDelay, requestTimeout, requests);
    }

    /** The same with another lock delay. */
    public ConsulLockOptions withLockDelay(Duration newLockDelay) {
        return new ConsulLockOptions(prefix, owner, newLockDelay, requestTimeout, requests);
    }

    /** The same with another request timeout. */
    public ConsulLockOptions withRequestTimeout(Duration newRequestTimeout) {
        return new ConsulLockOptions(prefix, owner, lockDelay, newRequestTimeout, requests);
    }

    /** The same with another number of requests at once. */
    public ConsulLockOptions withRequests(int newRequests) {
        return new ConsulLockOptions(prefix, owner, lockDelay, requestTimeout, newRequests);
    }
}
