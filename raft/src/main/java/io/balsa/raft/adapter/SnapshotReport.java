package io.balsa.raft.adapter;

import io.balsa.raft.core.SnapshotDescription;
import java.nio.file.Path;
import java.util.List;

/**
 * What was found of the snapshots of a stopped node.
 *
 * @param directory of the snapshots
 * @param whole those that are right to the last bit, the oldest first
 * @param notes what else is there
 * @param damages what must not be so; empty if all is well
 */
public record SnapshotReport(Path directory, List<Whole> whole, List<String> notes, List<Damage> damages) {
    /** A snapshot that is right. */
    public record Whole(Path file, SnapshotDescription description) {}
}
