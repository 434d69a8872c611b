package io.balsa.lock.redis;

import java.time.Duration;

/** Times to live as Redis keeps them: whole milliseconds, up to a limit. */
final class Ttl {
    /** Far from where the arithmetic of servers and scripts would end. */
    static final Duration LONGEST = Duration.ofDays(3_650);

    private Ttl() {}

    /**
     * Rounded up.
     *
     * @throws IllegalArgumentException if it is too long
     */
    static long millis(String key, Duration ttl) {
        if (ttl.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("the ttl of lock '" + key + "' is " + ttl
                    + "; redis keeps locks for at most " + LONGEST.toDays() + " days");
        }
        return ttl.plusNanos(999_999).toMillis();
    }
}
