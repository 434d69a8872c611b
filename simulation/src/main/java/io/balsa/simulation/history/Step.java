package io.balsa.simulation.history;

/**
 * One operation in an order that explains a history.
 *
 * @param operation what happened
 * @param after the state after it
 */
record Step<S>(Operation operation, S after) {}
