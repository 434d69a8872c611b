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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
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
    private final KnownPeers knownPeers;
    private final String peerAddress;
    private final Map<NodeId, PeerLink> links = new ConcurrentHashMap<>();
    private final Set<NodeId> formerMembers = ConcurrentHashMap.newKeySet();
    private volatile Configuration members = Configuration.EMPTY;
    private final Map<NodeId, String> clientAddresses = new ConcurrentHashMap<>();
    private volatile Receiver receiver;
    private volatile Listener listener;
    private volatile boolean closed;

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
        this.self = Objects.requireNonNull(self, "self");
        this.bind = Objects.requireNonNull(bind, "bind");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.knownPeers = Objects.requireNonNull(knownPeers, "knownPeers");
        this.peerAddress = Optional.ofNullable(peers.get(self.nodeId()))
                .map(HostAndPort::toString)
                .orElse("");
        this.versions = versions;
        this.threads = threads;
        this.ownsThreads = ownsThreads;
        this.gate = new PeerGate(
                self,
                versions,
                knownPeers,
                this::newSession,
                limits.maxFrameBytes(),
                // A live peer sends a keep-alive four times in each idle time.
                TimeUnit.MILLISECONDS.toNanos(limits.idleTimeoutMillis() / 2),
                System::nanoTime);
        peers.forEach(this::setPeer);
    }

    /** Adds a peer, or changes where it is reached. An entry for this server itself is ignored. */
    public synchronized void setPeer(NodeId peer, HostAndPort address) {
        if (closed || peer.equals(self.nodeId())) {
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
        Configuration before = members;
        members = configuration;
        configuration.members().forEach(member -> addressOf(member, configuration)
                .ifPresent(address -> setPeer(member, address)));
        gate.refuse(configuration.removed());
        boolean anyoneLeft = !before.members().stream().allMatch(configuration::isMember)
                || !before.removed().containsAll(configuration.removed());
        formerMembers.addAll(before.members());
        if (anyoneLeft && !closed) {
            partLater();
        }
    }

    // It runs or the threads end; nobody waits for it.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void partLater() {
        try {
            threads.nextLoop().schedule(this::partFromThoseWhoLeft, limits.idleTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Only when the threads end, and with them every connection.
            LOG.debug("the network threads have ended", e);
        }
    }

    /** By now they know, or can't be reached. Whoever came back in the meantime, because it never left after all, stays. */
    private void partFromThoseWhoLeft() {
        Configuration now = members;
        formerMembers.addAll(now.removed());
        formerMembers.removeIf(now::isMember);
        for (NodeId former : formerMembers) {
            PeerLink link = links.remove(former);
            if (link != null) {
                link.close();
            }
        }
        formerMembers.clear();
        gate.showOut();
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
        String clientAddress = Handshake.address(hello.getClientAddress());
        if (!clientAddress.isEmpty()) {
            clientAddresses.put(peer, clientAddress);
        }
        PeerLink link = links.get(peer);
        String address = Handshake.address(hello.getPeerAddress());
        if (link != null) {
            // It is up, so the pause before the next attempt to reach it is over.
            link.connectNow();
        } else if (!address.isEmpty()) {
            // This server has yet to hear that it is a member; but how else should it be answered?
            setPeer(peer, HostAndPort.parse(address));
        }
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
        public String peerAddress() {
            return peerAddress;
        }

        @Override
        public boolean isKnownDirectory(NodeId peer, byte[] storeId) {
            return storeId.length == 0 || knownPeers.meet(peer, storeId) != KnownPeers.Verdict.OTHER_DIRECTORY;
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
