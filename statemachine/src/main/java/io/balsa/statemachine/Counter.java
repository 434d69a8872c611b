package io.balsa.statemachine;

/**
 * What a counter is.
 *
 * @param changedIndex the index of the entry that gave it this value; 0 for that of a counter without state
 */
record Counter(long value, long changedIndex) {
    /** What nobody has set, or somebody has set to 0. */
    static final Counter ZERO = new Counter(0, 0);
}
