package io.balsa.raft.core;

import java.util.Objects;

/**
 * The name of one server of a Raft group, unique within its cluster and never reused for another server.
 *
 * @param value 1 to 64 characters out of letters, digits, {@code .}, {@code _} and {@code -}
 */
public record NodeId(String value) implements Comparable<NodeId> {
    private static final int MAX_LENGTH = 64;

    public NodeId {
        Objects.requireNonNull(value, "value");
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a node id has 1 to 64 characters, not " + value.length());
        }
        for (int i = 0; i < value.length(); i++) {
            if (!isAllowed(value.charAt(i))) {
                throw new IllegalArgumentException(
                        "a node id has only letters, digits, '.', '_' and '-', unlike '" + value + "'");
            }
        }
    }

    /** Short for the constructor. */
    public static NodeId of(String value) {
        return new NodeId(value);
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
