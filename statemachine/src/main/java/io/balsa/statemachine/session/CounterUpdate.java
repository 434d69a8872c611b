package io.balsa.statemachine.session;

/**
 * What came of an update of a counter.
 *
 * @param before the value that it met
 * @param after the value that it left; the same as before unless it was applied
 * @param applied false when it would have gone below its floor, or met another value than the expected one
 */
public record CounterUpdate(long before, long after, boolean applied) {}
