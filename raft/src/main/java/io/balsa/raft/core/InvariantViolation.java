package io.balsa.raft.core;

/** A rule of Raft or of this implementation was broken. Whoever drives the core must halt the node. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvariantViolation(String rule) {
        super("invariant broken: " + rule);
    }
}
