package io.balsa.statemachine.session;

/**
 * What a counter is.
 *
 * @param value 0 for one that nobody has set
 * @param changedIndex the log index of the entry that gave it this value; 0 while it is 0, when nothing is kept of it. Among
 *     others it only grows
 */
public record CounterValue(long value, long changedIndex) {}
