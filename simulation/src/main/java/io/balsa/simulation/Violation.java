package io.balsa.simulation;

import java.util.Objects;

/**
 * What broke.
 *
 * @param invariant its stable name, such as {@code election-safety}; docs/simulation.md lists them
 * @param detail who broke it and how
 * @param atNanos the simulated time
 */
public record Violation(String invariant, String detail, long atNanos) {
    public Violation {
        Objects.requireNonNull(invariant, "invariant");
        Objects.requireNonNull(detail, "detail");
    }
}
