package io.balsa.bench.report;

/**
 * A trial that gave no figures, and why.
 *
 * @param isLeftOut whether it was not begun, for want of a program on this machine
 */
public record Failure(Trial trial, String reason, boolean isLeftOut) {
    /** One that was begun and failed. */
    public Failure(Trial trial, String reason) {
        this(trial, reason, false);
    }

    /** For people. */
    String text() {
        return (isLeftOut ? "left out: " : "failed: ") + reason;
    }
}
