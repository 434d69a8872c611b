package io.balsa.statemachine;

import java.util.stream.LongStream;

/** Gives the seeds of random tests: some that stay, and a fresh one. They are printed as the names of the tests. */
final class Seeds {
    private static final int FIXED = 12;

    private Seeds() {}

    static LongStream all() {
        return LongStream.concat(LongStream.rangeClosed(1, FIXED), LongStream.of(System.nanoTime()));
    }
}
