package io.balsa.simulation;

/** Ends a run: something happened that must never happen. It passes through all code that would go on after an exception. */
final class InvariantBroken extends Error {
    private static final long serialVersionUID = 1L;

    private final transient Violation violation;

    InvariantBroken(Violation violation, Throwable cause) {
        super(violation.invariant() + ": " + violation.detail(), cause);
        this.violation = violation;
    }

    Violation violation() {
        return violation;
    }
}
