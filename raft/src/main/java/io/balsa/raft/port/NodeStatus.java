package io.balsa.raft.port;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MemberProgress;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a server says of itself.
 *
 * @param clusterId the cluster that it belongs to
 * @param leader who leads in {@code term}, as far as known
 * @param configuration who belongs to the group, as this server's log says, committed or not
 * @param snapshotIndex the last entry that its latest snapshot stands for; 0 without a snapshot
 * @param firstIndex the first entry that its log still has, or would have
 * @param lastIndex the last entry of its log, durable or not
 * @param progress of the other members as the leader knows it, of a moment ago; empty unless this server leads
 * @param exclusion why it takes no part in the group any more; empty for a member as far as it knows
 */
public record NodeStatus(
        String clusterId,
        NodeId id,
        Role role,
        long term,
        Optional<LeaderHint> leader,
        Configuration configuration,
        long commitIndex,
        long lastApplied,
        long snapshotIndex,
        long firstIndex,
        long lastIndex,
        List<MemberProgress> progress,
        Optional<Exclusion> exclusion) {
    public NodeStatus {
        Objects.requireNonNull(clusterId, "clusterId");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(leader, "leader");
        Objects.requireNonNull(configuration, "configuration");
        progress = List.copyOf(progress);
        Objects.requireNonNull(exclusion, "exclusion");
    }

    /** All voting members, in the order of their names. */
    public List<NodeId> voters() {
        return configuration.voters();
    }
}
