package io.balsa.simulation.history;

/** What is known about how short a part is that can't be explained. */
public enum Shortness {
    /** Up to the first answer that can't be explained, no choice of fewer operations is without explanation. */
    SHORTEST,
    /** Whichever of its operations is left out, the rest can be explained. */
    IRREDUCIBLE,
    /** To tell whether some of its operations are needed was too much work. */
    TOO_HARD,
    /** The time was over before all of its operations were tried. */
    NO_TIME;

    /** Whether none of its operations can be left out. */
    public boolean isIrreducible() {
        return this == SHORTEST || this == IRREDUCIBLE;
    }
}
