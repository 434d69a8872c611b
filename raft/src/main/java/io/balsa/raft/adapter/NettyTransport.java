package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.PeerDirectory;
import io.balsa.raft.port.Transport;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Carries messages between the servers of one group over TCP. Each server opens one connection to each other and sends on it;
 * what it receives comes on those that the others opened. Knows from the handshakes where the peers take clients. For many
 * groups over the same connections, see {@link NettyGroupTransports}.
 */
public final class NettyTransport implements Transport, PeerDirectory {
    private final NettyGroupTransports connections;
    private final NettyGroupTransport group;

    /**
     * A transport with threads of its own, that remembers its peers' data directories as long as it lives.
     *
     * @param bind where it listens; port 0 for any free one
     * @param peers where the servers listen; the entry for this server is what it tells those that do not know it
     */
    public NettyTransport(NodeIdentity self, HostAndPort bind, Map<NodeId, HostAndPort> peers, TransportLimits limits) {
        this(self, bind, peers, limits, KnownPeers.inMemory());
    }

    /** A transport with threads of its own. */
    public NettyTransport(
            NodeIdentity self,
            HostAndPort bind,
            Map<NodeId, HostAndPort> peers,
            TransportLimits limits,
            KnownPeers knownPeers) {
        this(
                self,
                bind,
                peers,
                limits,
                knownPeers,
                ProtocolVersions.CURRENT,
                NetworkThreads.create(self.nodeId().value(), 1),
                true);
    }

    /** A transport on threads that it shares, and that stay when it is closed. */
    public NettyTransport(
            NodeIdentity self,
            HostAndPort bind,
            Map<NodeId, HostAndPort> peers,
            TransportLimits limits,
            KnownPeers knownPeers,
            NetworkThreads threads) {
        this(self, bind, peers, limits, knownPeers, ProtocolVersions.CURRENT, threads, false);
    }

    NettyTransport(
            NodeIdentity self,
            HostAndPort bind,
            Map<NodeId, HostAndPort> peers,
            TransportLimits limits,
            KnownPeers knownPeers,
            ProtocolVersions versions,
            NetworkThreads threads,
            boolean ownsThreads) {
        connections = new NettyGroupTransports(self, bind, peers, limits, knownPeers, versions, threads, ownsThreads);
        group = connections.onlyGroup();
        peers.forEach(this::setPeer);
    }

    /** Adds a peer, or changes where it is reached. An entry for this server itself is ignored. */
    public void setPeer(NodeId peer, HostAndPort address) {
        connections.setPeer(peer, address);
        connections.connectTo(peer, address);
    }

    @Override
    public void updateMembers(Configuration configuration) {
        group.updateMembers(configuration);
    }

    @Override
    public void start(Receiver receiver) {
        try {
            group.start(receiver);
        } catch (UncheckedIOException e) {
            close();
            throw e;
        }
    }

    @Override
    public void send(Message message) {
        group.send(message);
    }

    @Override
    public void flush() {
        group.flush();
    }

    @Override
    public Optional<String> addressOf(NodeId server) {
        return connections.addressOf(server);
    }

    /** The port on which it listens, once started. */
    public int port() {
        return connections.port();
    }

    @Override
    public String clientAddressOf(NodeId peer) {
        return connections.clientAddressOf(peer);
    }

    @Override
    public void close() {
        connections.close();
    }
}
