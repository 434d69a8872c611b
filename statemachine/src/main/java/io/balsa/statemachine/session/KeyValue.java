package io.balsa.statemachine.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A key that has a value.
 *
 * @param value handed over, never modified
 * @param revision the log index of the entry that wrote it last
 * @param createRevision the log index of the entry that created it
 */
public record KeyValue(String key, byte[] value, long revision, long createRevision) {
    public KeyValue {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }

    /** The value as UTF-8 text. */
    public String text() {
        return new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyValue that
                && key.equals(that.key)
                && Arrays.equals(value, that.value)
                && revision == that.revision
                && createRevision == that.createRevision;
    }

    @Override
    public int hashCode() {
        return key.hashCode() * 31 + Long.hashCode(revision);
    }

    @Override
    public String toString() {
        return key + "@" + revision + " " + value.length + "B";
    }
}
