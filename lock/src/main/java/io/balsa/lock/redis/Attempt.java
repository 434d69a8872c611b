package io.balsa.lock.redis;

import io.balsa.lock.backend.Holding;

/** What one attempt to get a lock came to. */
sealed interface Attempt {
    /** It was granted. */
    record Granted(Holding holding) implements Attempt {}

    /**
     * Another has it.
     *
     * @param againNanos after so long another attempt may have more luck
     */
    record Busy(long againNanos) implements Attempt {}

    /** No server, or not enough of them, gave an answer. */
    record Failed(RequestFailure failure) implements Attempt {}
}
