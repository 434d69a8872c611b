package io.balsa.statemachine.session;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What a compare-and-set expects to find. */
public sealed interface Expected {
    /** The key has no value. */
    record Absent() implements Expected {}

    /** The key was last written by the entry at this log index. */
    record Revision(long revision) implements Expected {}

    /** The key has this value. */
    record Value(byte[] value) implements Expected {
        public Value {
            Objects.requireNonNull(value, "value");
        }
    }

    /** Expects no value. */
    static Expected absent() {
        return new Absent();
    }

    /** Expects a revision. */
    static Expected revision(long revision) {
        return new Revision(revision);
    }

    /** Expects a value. */
    static Expected value(byte[] value) {
        return new Value(value);
    }

    /** Expects a value that is UTF-8 text. */
    static Expected value(String text) {
        return new Value(text.getBytes(StandardCharsets.UTF_8));
    }
}
