package io.balsa.raft.port;

import io.balsa.raft.core.NodeId;
import java.util.Objects;

/**
 * Who leads, as far as a server knows.
 *
 * @param clientAddress {@code host:port} where that server takes clients; empty if unknown
 */
public record LeaderHint(NodeId id, String clientAddress) {
    public LeaderHint {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(clientAddress, "clientAddress");
    }
}
