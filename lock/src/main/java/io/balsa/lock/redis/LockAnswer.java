package io.balsa.lock.redis;

import java.util.List;

/**
 * What a server says to a request for a lock.
 *
 * @param kind what became of it
 * @param number the token of what was granted; of what is held, the rest of its TTL in ms, negative if it has none
 */
record LockAnswer(Kind kind, long number) {
    enum Kind {
        /** It was free, or it was granted to this owner before. */
        GRANTED,
        /** Another has it. */
        HELD,
        /** This owner has given the request up. */
        ABANDONED
    }

    /** Reads the answer of {@link Script#ACQUIRE}. */
    static LockAnswer parse(List<Object> answer) {
        long number = (Long) answer.get(1);
        int what = ((Long) answer.get(0)).intValue();
        return switch (what) {
            case 0 -> new LockAnswer(Kind.HELD, number);
            case 1 -> new LockAnswer(Kind.GRANTED, number);
            case 2 -> new LockAnswer(Kind.ABANDONED, number);
            default -> throw new IllegalStateException("the script of locks answered " + answer);
        };
    }
}
