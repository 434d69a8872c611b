package io.balsa.raft.port;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a server says of itself.
 *
 * @param clusterId the cluster that it belongs to
 * @param voters all voting members, in the order of their names
 * @param leader who leads in {@code term}, as far as known
 * @param lastIndex the last entry of its log, durable or not
 */
public record NodeStatus(
        String clusterId,
        NodeId id,
        Role role,
        long term,
        Optional<LeaderHint> leader,
        List<NodeId> voters,
        long commitIndex,
        long lastApplied,
        long lastIndex) {
    public NodeStatus {
        Objects.requireNonNull(clusterId, "clusterId");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(leader, "leader");
        voters = List.copyOf(voters);
    }
}
