package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;

class LocalGroupTransportsTest extends GroupTransportsContract {
    private final LocalNetwork network = new LocalNetwork();

    @Override
    GroupTransports make(NodeId host) {
        return new LocalGroupTransports(network, host);
    }

    @Override
    String threadNameOf(NodeId host) {
        return "balsa-local-" + host;
    }
}
