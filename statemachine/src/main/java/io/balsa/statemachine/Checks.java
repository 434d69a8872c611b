package io.balsa.statemachine;

import java.nio.charset.StandardCharsets;

/** Refuses values in commands and queries that are wrong in themselves. */
final class Checks {
    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    private final StateMachineLimits limits;

    Checks(StateMachineLimits limits) {
        this.limits = limits;
    }

    /** A name that is needed. */
    void name(String what, String value) throws Refused {
        if (value.isEmpty()) {
            throw Refused.invalid(what + " is empty");
        }
        nameOrEmpty(what, value);
    }

    /** A name that may be left out. */
    void nameOrEmpty(String what, String value) throws Refused {
        int max = limits.maxNameBytes();
        boolean surelyFits = value.length() * (long) MAX_UTF8_BYTES_PER_CHAR <= max;
        if (!surelyFits && (value.length() > max || value.getBytes(StandardCharsets.UTF_8).length > max)) {
            throw Refused.invalid(what + " has more than " + max + " bytes");
        }
    }

    /** Unsigned on the wire: what is too large for a {@code long} is negative here. */
    void ttl(long ttlMillis) throws Refused {
        if (ttlMillis < limits.minTtlMillis() || ttlMillis > limits.maxTtlMillis()) {
            throw Refused.invalid("ttl_millis is not from " + limits.minTtlMillis() + " to " + limits.maxTtlMillis());
        }
    }

    void waitMillis(long waitMillis) throws Refused {
        if (waitMillis < 0 || waitMillis > limits.maxWaitMillis()) {
            throw Refused.invalid("wait_millis is not from 0 to " + limits.maxWaitMillis());
        }
    }

    void value(int bytes) throws Refused {
        if (bytes > limits.maxValueBytes()) {
            throw Refused.invalid("the value has more than " + limits.maxValueBytes() + " bytes");
        }
    }
}
