package io.balsa.fuzz;

import java.util.Arrays;
import java.util.HexFormat;

/** Fails when a decoder does not do what it must. */
public final class Check {
    private Check() {}

    /** Fails with this message unless the condition holds. */
    public static void that(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    /** Fails unless these are the same bytes. */
    public static void same(byte[] expected, byte[] actual, String what) {
        that(
                Arrays.equals(expected, actual),
                what + ": " + HexFormat.of().formatHex(expected) + " became "
                        + HexFormat.of().formatHex(actual));
    }
}
