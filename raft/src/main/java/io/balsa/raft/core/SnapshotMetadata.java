package io.balsa.raft.core;

import java.util.Objects;

/**
 * Which part of the log a snapshot stands for (section 7 of the paper).
 *
 * @param index the last entry whose effect is in the snapshot, from 1
 * @param term the term of that entry
 * @param timeMillis the replicated clock at that entry
 * @param configuration the latest configuration at or before that entry
 */
public record SnapshotMetadata(long index, long term, long timeMillis, Configuration configuration) {
    public SnapshotMetadata {
        Invariant.check(index > 0, "the index of a snapshot is positive");
        Invariant.check(term > 0, "the term of a snapshot is positive");
        Objects.requireNonNull(configuration, "configuration");
        Invariant.check(!configuration.isEmpty(), "a snapshot has a configuration");
    }
}
