package io.balsa.raft.core;

import java.util.Objects;

/**
 * What identifies the bytes of a snapshot. Equal states are written as equal bytes on every server, so a transfer that one
 * leader began can be resumed by another that has the same.
 *
 * @param sizeBytes of the whole file as it is transferred, at least 1
 * @param checksum of all these bytes, see {@code SnapshotStorage}
 */
public record SnapshotDescription(SnapshotMetadata metadata, long sizeBytes, long checksum) {
    public SnapshotDescription {
        Objects.requireNonNull(metadata, "metadata");
        Invariant.check(sizeBytes > 0, "a snapshot has bytes");
    }
}
