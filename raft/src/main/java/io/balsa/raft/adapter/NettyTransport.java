package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.PeerDirectory;
import io.balsa.raft.port.Transport;
import io.balsa.raft.proto.Hello;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries messages between servers over TCP. Each server opens one connection to each other and sends on it; what it
 * receives comes on those that the others opened. Knows from the handshakes where the peers take clients.
 */
public final class NettyTransport implements Transport, PeerDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);

    private final NodeIdentity self;
    private final HostAndPort bind;
    private final TransportLimits limits;
    private final ProtocolVersions versions;
    private final NetworkThreads threads;
    private final boolean ownsThreads;
    private final RefusalLog refusals = new RefusalLog(LOG);
    private final LinkOwner linkOwner = new LinkOwner();
    private final PeerGate gate;
    private final Map<NodeId, PeerLink> links = new ConcurrentHashMap<>();
    private final Map<NodeId, String> clientAddresses = new ConcurrentHashMap<>();
    private volatile Receiver receiver;
    private volatile Listener listener;
    private volatile boolean closed;

    /**
     * A transport with threads of its own.
     *
     * @param bind where it listens; port 0 for any free one
     * @param peers where the other servers listen; an entry for this server is ignored
     */
    public NettyTransport(NodeIdentity self, HostAndPort bind, Map<NodeId, HostAndPort> peers, TransportLimits limits) {
        this(
                self,
                bind,
                peers,
                limits,
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
            NetworkThreads threads) {
        this(self, bind, peers, limits, ProtocolVersions.CURRENT, threads, false);
    }

    NettyTransport(
            NodeIdentity self,
            HostAndPort bind,
            Map<NodeId, HostAndPort> peers,
            TransportLimits limits,
            ProtocolVersions versions,
            NetworkThreads threads,
            boolean ownsThreads) {
        this.self = Objects.requireNonNull(self, "self");
        this.bind = Objects.requireNonNull(bind, "bind");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.versions = versions;
        this.threads = threads;
        this.ownsThreads = ownsThreads;
        this.gate = new PeerGate(
                self,
                versions,
                links::containsKey,
                this::newSession,
                limits.maxFrameBytes(),
                // A live peer sends a keep-alive four times in each idle time.
                TimeUnit.MILLISECONDS.toNanos(limits.idleTimeoutMillis() / 2),
                System::nanoTime);
        peers.forEach(this::setPeer);
    }

    /** Adds a peer, or changes where it is reached. An entry for this server itself is ignored. */
    public void setPeer(NodeId peer, HostAndPort address) {
        if (peer.equals(self.nodeId())) {
            return;
        }
        PeerLink known = links.get(peer);
        if (known != null) {
            known.moveTo(address);
            return;
        }
        PeerLink link = new PeerLink(linkOwner, peer, address);
        links.put(peer, link);
        if (listener != null) {
            link.connectNow();
        }
    }

    @Override
    public void updateMembers(Configuration configuration) {
        configuration.members().forEach(member -> addressOf(member, configuration)
                .ifPresent(address -> setPeer(member, address)));
    }

    private Optional<HostAndPort> addressOf(NodeId member, Configuration configuration) {
        String address = configuration.addresses().get(member);
        if (address == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(HostAndPort.parse(address));
        } catch (IllegalArgumentException e) {
            refusals.warn(member.value(), "ADDRESS", "can't connect to node " + member + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void start(Receiver newReceiver) {
        if (receiver != null || closed) {
            throw new IllegalStateException("a transport is started once, and not after its end");
        }
        receiver = Objects.requireNonNull(newReceiver, "receiver");
        try {
            listener = Listener.open(threads, bind, limits.maxConnections(), refusals, this::initialize);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        links.values().forEach(PeerLink::connectNow);
    }

    private void initialize(SocketChannel channel) {
        FrameDecoder decoder = new FrameDecoder();
        channel.pipeline()
                .addLast(new IdleStateHandler(limits.idleTimeoutMillis(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast(decoder)
                .addLast(new HandshakeAcceptor(gate, decoder, refusals, "peer", limits.handshakeTimeoutMillis()));
    }

    private InboundPeer newSession(Hello hello) {
        NodeId peer = NodeId.of(hello.getNodeId());
        String clientAddress = Handshake.clientAddress(hello.getClientAddress());
        if (!clientAddress.isEmpty()) {
            clientAddresses.put(peer, clientAddress);
        }
        // It is up, so the pause before the next attempt to reach it is over.
        links.get(peer).connectNow();
        return new InboundPeer(self.nodeId(), peer, receiver, refusals);
    }

    @Override
    public void send(Message message) {
        PeerLink link = links.get(message.to());
        if (link != null && !closed) {
            link.send(message);
        }
    }

    @Override
    public void flush() {
        for (PeerLink link : links.values()) {
            link.flush();
        }
    }

    /** The port on which it listens, once started. */
    public int port() {
        Listener started = listener;
        if (started == null) {
            throw new IllegalStateException("not listening");
        }
        return started.port();
    }

    @Override
    public String clientAddressOf(NodeId peer) {
        return peer.equals(self.nodeId()) ? self.clientAddress() : clientAddresses.getOrDefault(peer, "");
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        links.values().forEach(PeerLink::close);
        Listener started = listener;
        if (started != null) {
            started.close();
        }
        if (ownsThreads) {
            threads.close();
        }
    }

    private final class LinkOwner implements PeerLink.Owner {
        @Override
        public NodeIdentity identity() {
            return self;
        }

        @Override
        public ProtocolVersions versions() {
            return versions;
        }

        @Override
        public TransportLimits limits() {
            return limits;
        }

        @Override
        public NetworkThreads threads() {
            return threads;
        }

        @Override
        public RefusalLog refusals() {
            return refusals;
        }

        @Override
        public void onUnreachable(NodeId peer) {
            Receiver current = receiver;
            if (current != null && !closed) {
                current.onUnreachable(peer);
            }
        }

        @Override
        public void onWelcome(NodeId peer, String clientAddress) {
            if (!clientAddress.isEmpty()) {
                clientAddresses.put(peer, clientAddress);
            }
        }
    }
}
