package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

class NettyTransportTest extends TransportContract {
    private static final TransportLimits LIMITS = TransportLimits.DEFAULT;

    private final Map<NodeId, NettyTransport> latest = new HashMap<>();
    private final Map<NodeId, byte[]> storeIds = new HashMap<>();

    @Override
    Transport start(NodeId node, Transport.Receiver receiver) {
        NettyTransport before = latest.get(node);
        byte[] storeId = storeIds.computeIfAbsent(node, unused -> NodeIdentity.randomId());
        HostAndPort bind = new HostAndPort("127.0.0.1", before == null ? 0 : before.port());
        NettyTransport transport = new NettyTransport(
                NodeIdentity.ofThisRun("test", node, storeId, node + ".example:1"), bind, Map.of(), LIMITS);
        // Known, but not yet there.
        for (NodeId peer : new NodeId[] {A, B, C}) {
            transport.setPeer(peer, new HostAndPort("127.0.0.1", 1));
        }
        transport.start(receiver);
        latest.put(node, transport);
        for (NettyTransport one : latest.values()) {
            for (Map.Entry<NodeId, NettyTransport> other : latest.entrySet()) {
                one.setPeer(
                        other.getKey(),
                        new HostAndPort("127.0.0.1", other.getValue().port()));
            }
        }
        return transport;
    }

    @Override
    Optional<String> threadNameOf(NodeId node) {
        return Optional.of("balsa-network-" + node + "-");
    }
}
