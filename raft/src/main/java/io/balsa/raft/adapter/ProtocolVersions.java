package io.balsa.raft.adapter;

import java.util.OptionalInt;

/**
 * The protocol versions that one side of a connection speaks.
 *
 * @param min the oldest, from 1
 * @param max the newest
 */
record ProtocolVersions(int min, int max) {
    /** Those that this build speaks. */
    static final ProtocolVersions CURRENT = new ProtocolVersions(1, 1);

    ProtocolVersions {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("no protocol versions: " + min + " to " + max);
        }
    }

    /** The newest version that both sides speak. */
    OptionalInt newestCommon(int otherMin, int otherMax) {
        int common = Math.min(max, otherMax);
        return common >= Math.max(min, otherMin) ? OptionalInt.of(common) : OptionalInt.empty();
    }
}
