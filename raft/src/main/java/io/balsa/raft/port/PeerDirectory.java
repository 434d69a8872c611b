package io.balsa.raft.port;

import io.balsa.raft.core.NodeId;

/** Knows where the other servers take clients. Thread-safe. */
public interface PeerDirectory {
    /** {@code host:port} where a server takes clients; empty if it has not said so. */
    String clientAddressOf(NodeId peer);

    /** Knows nobody's address. */
    PeerDirectory UNKNOWN = peer -> "";
}
