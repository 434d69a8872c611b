package io.balsa.statemachine.session;

import java.util.Objects;
import java.util.Optional;

/** What came of a compare-and-set. */
public sealed interface CompareAndSetResult {
    /**
     * The key was as expected, and has the new value now.
     *
     * @param revision the log index of the entry that wrote it
     */
    record Set(long revision) implements CompareAndSetResult {}

    /**
     * The key was not as expected; nothing was written.
     *
     * @param value what it has instead; empty when it has none
     * @param revision of that value, 0 when there is none
     */
    record Mismatch(Optional<byte[]> value, long revision) implements CompareAndSetResult {
        public Mismatch {
            Objects.requireNonNull(value, "value");
        }
    }

    /** Whether it was written. */
    default boolean isSet() {
        return this instanceof Set;
    }
}
