package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import java.util.Optional;

class LocalGroupTransportsTest extends GroupTransportsContract {
    private final LocalNetwork network = new LocalNetwork();

    @Override
    GroupTransports make(NodeId host) {
        return new LocalGroupTransports(network, host);
    }

    @Override
    Optional<String> threadNameOf(NodeId host) {
        return Optional.empty();
    }
}
