package io.balsa.raft.core;

/** Checks that are always on: a broken one means a defect in Balsa, and the node must stop before it does harm. */
public final class Invariant {
    private Invariant() {}

    /**
     * Fails with {@link InvariantViolation} unless the condition holds.
     *
     * @param condition what must hold
     * @param rule what must hold, in words
     */
    public static void check(boolean condition, String rule) {
        if (!condition) {
            throw new InvariantViolation(rule);
        }
    }

    /**
     * Like {@link #check(boolean, String)}, with two numbers that show how the rule was broken.
     *
     * @param rule what must hold, in words, with a {@code %d} for each of the numbers
     */
    public static void check(boolean condition, String rule, long first, long second) {
        if (!condition) {
            throw new InvariantViolation(String.format(rule, first, second));
        }
    }
}
