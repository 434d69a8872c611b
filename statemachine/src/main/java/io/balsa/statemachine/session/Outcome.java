package io.balsa.statemachine.session;

import io.balsa.statemachine.proto.Result;

/**
 * A command that was applied without an error.
 *
 * @param index the log entry that did it, or a later one that found the same result again
 * @param sentNanos the monotonic clock before it was first sent
 */
record Outcome(long index, Result result, long sentNanos) {}
