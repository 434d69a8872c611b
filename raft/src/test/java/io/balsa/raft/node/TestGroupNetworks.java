package io.balsa.raft.node;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A {@link TestNetwork} for each of many groups, all of which the same hosts take part in. */
final class TestGroupNetworks {
    private final Map<String, TestNetwork> networks = new ConcurrentHashMap<>();

    /** What a host uses. */
    GroupTransports of(NodeId host) {
        return new GroupTransports() {
            @Override
            public Transport of(String group) {
                return network(group).endpoint(host);
            }

            @Override
            public void close() {
                // Each group's node closes its own.
            }
        };
    }

    TestNetwork network(String group) {
        return networks.computeIfAbsent(group, name -> new TestNetwork());
    }
}
