package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.PeerDirectory;
import io.balsa.raft.port.Transport;
import io.balsa.raft.proto.Hello;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the messages of many groups between processes over TCP. Each process listens on one port, opens one connection to
 * each other and sends on it; what it receives comes on those that the others opened. Who speaks is settled once for each
 * connection; whose message it is, each frame says. Knows from the handshakes where the peers take clients.
 *
 * <p>A process goes by one name and one data directory in all groups. It is connected to whoever is a member of at least one
 * of them, and refuses those that were removed from all. It listens from the start of the first group on, until it is closed.
 * A group that floods takes turns with the others, and leaves room for them in what waits for a peer.
 */
public final class NettyGroupTransports implements GroupTransports, PeerDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(NettyGroupTransports.class);

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
    // All that were given out and not closed, and of these the ones that have started.
    private final Map<String, NettyGroupTransport> given = new ConcurrentHashMap<>();
    private final Map<String, NettyGroupTransport> started = new ConcurrentHashMap<>();
    private final Map<NodeId, PeerLink> links = new ConcurrentHashMap<>();
    private final Map<NodeId, HostAndPort> addresses = new ConcurrentHashMap<>();
    private final Map<NodeId, String> clientAddresses = new ConcurrentHashMap<>();
    private final Set<NodeId> formerMembers = ConcurrentHashMap.newKeySet();
    private final Object refusing = new Object();
    private final AtomicLong droppedOfUnknownGroups = new AtomicLong();
    private volatile Listener listener;
    private volatile boolean closed;

    /**
     * Transports with threads of their own.
     *
     * @param bind where they listen; port 0 for any free one
     * @param peers where the servers listen whose addresses the groups' configurations don't tell; the entry for this server
     *     is what it tells those that do not know it
     * @param knownPeers remembers the peers' data directories
     */
    public NettyGroupTransports(
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

    /** Transports on threads that they share, and that stay when they are closed. */
    public NettyGroupTransports(
            NodeIdentity self,
            HostAndPort bind,
            Map<NodeId, HostAndPort> peers,
            TransportLimits limits,
            KnownPeers knownPeers,
            NetworkThreads threads) {
        this(self, bind, peers, limits, knownPeers, ProtocolVersions.CURRENT, threads, false);
    }

    NettyGroupTransports(
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
        this.addresses.putAll(peers);
        this.gate = new PeerGate(
                self,
                versions,
                knownPeers,
                this::newSession,
                limits.maxFrameBytes(),
                // A live peer sends a keep-alive four times in each idle time.
                TimeUnit.MILLISECONDS.toNanos(limits.idleTimeoutMillis() / 2),
                System::nanoTime);
    }

    @Override
    public Transport of(String group) {
        GroupNames.check(group);
        return give(group);
    }

    /** The only group of a process that takes part in one; its frames name none. */
    NettyGroupTransport onlyGroup() {
        return give("");
    }

    private NettyGroupTransport give(String group) {
        NettyGroupTransport transport = new NettyGroupTransport(group, this);
        if (closed) {
            throw new IllegalStateException("the transports of node " + self.nodeId() + " are closed");
        }
        if (given.putIfAbsent(group, transport) != null) {
            throw GroupNames.taken(group);
        }
        return transport;
    }

    // ---- of the groups' parts --------------------------------------------------------------------------------------

    /** Lets a group receive; listens if nobody did before. */
    void begin(NettyGroupTransport group) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("a transport is not started after its end");
            }
            if (listener == null) {
                listener = Listener.open(threads, bind, limits.maxConnections(), refusals, this::initialize);
                links.values().forEach(PeerLink::connectNow);
            }
            started.put(group.name(), group);
        }
        refuseTheRemoved();
    }

    /** A group learned who its members are. */
    void membersChanged(Configuration before, Configuration now) {
        now.members().forEach(member -> addressOf(member, now).ifPresent(address -> connectTo(member, address)));
        refuseTheRemoved();
        boolean anyoneLeft = !before.members().stream().allMatch(now::isMember)
                || !before.removed().containsAll(now.removed());
        formerMembers.addAll(before.members());
        if (anyoneLeft) {
            partLater();
        }
    }

    /** Ends what belongs to a group only. */
    void end(NettyGroupTransport group) {
        if (!given.remove(group.name(), group)) {
            return;
        }
        started.remove(group.name(), group);
        links.values().forEach(link -> link.forget(group.name()));
        refuseTheRemoved();
        formerMembers.addAll(group.members().members());
        partLater();
    }

    void send(NettyGroupTransport group, Message message) {
        PeerLink link = links.get(message.to());
        if (link == null) {
            link = linkAnew(group, message.to());
        }
        if (link != null && !closed) {
            link.send(group.name(), message);
        }
    }

    /** A group that has yet to hear who its members are still answers those that called. */
    private PeerLink linkAnew(NettyGroupTransport group, NodeId peer) {
        HostAndPort address = addresses.get(peer);
        if (address == null || group.members().removed().contains(peer)) {
            return null;
        }
        connectTo(peer, address);
        return links.get(peer);
    }

    @Override
    public void flush() {
        for (PeerLink link : links.values()) {
            link.flush();
        }
    }

    // ---- peers -----------------------------------------------------------------------------------------------------

    /** Changes where a peer is reached whose address the groups' configurations don't tell. */
    public void setPeer(NodeId peer, HostAndPort address) {
        addresses.put(peer, address);
        if (links.containsKey(peer)) {
            connectTo(peer, address);
        }
    }

    /** Connects to a peer, also before a group says that it is a member, or changes where it is reached. */
    synchronized void connectTo(NodeId peer, HostAndPort address) {
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

    /** Where a server is reached, as was said when this was made, by {@link #setPeer}, or by that server itself. */
    Optional<String> addressOf(NodeId server) {
        return Optional.ofNullable(addresses.get(server)).map(HostAndPort::toString);
    }

    private Optional<HostAndPort> addressOf(NodeId member, Configuration configuration) {
        String address = configuration.addresses().get(member);
        if (address == null) {
            return links.containsKey(member) ? Optional.empty() : Optional.ofNullable(addresses.get(member));
        }
        try {
            return Optional.of(HostAndPort.parse(address));
        } catch (IllegalArgumentException e) {
            refusals.warn(member.value(), "ADDRESS", "can't connect to node " + member + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** The connection of a process that was removed from some groups only still serves the others. */
    private void refuseTheRemoved() {
        synchronized (refusing) {
            Set<NodeId> fromAll = null;
            for (NettyGroupTransport group : started.values()) {
                if (fromAll == null) {
                    fromAll = new HashSet<>(group.members().removed());
                } else {
                    fromAll.retainAll(group.members().removed());
                }
            }
            gate.refuse(fromAll == null ? Set.of() : fromAll);
        }
    }

    private boolean isMemberOfAnyGroup(NodeId peer) {
        return started.values().stream().anyMatch(group -> group.members().isMember(peer));
    }

    // It runs or the threads end; nobody waits for it.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void partLater() {
        if (closed) {
            return;
        }
        try {
            threads.nextLoop().schedule(this::partFromThoseWhoLeft, limits.idleTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Only when the threads end, and with them every connection.
            LOG.debug("the network threads have ended", e);
        }
    }

    /** By now they know, or can't be reached. Whoever came back in the meantime, because it never left after all, stays. */
    private void partFromThoseWhoLeft() {
        for (NettyGroupTransport group : started.values()) {
            group.part();
            formerMembers.addAll(group.members().removed());
        }
        formerMembers.removeIf(this::isMemberOfAnyGroup);
        for (NodeId former : formerMembers) {
            PeerLink link = links.remove(former);
            if (link != null) {
                link.close();
            }
        }
        formerMembers.clear();
        gate.showOut();
    }

    // ---- connections -----------------------------------------------------------------------------------------------

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
        if (!address.isEmpty()) {
            addresses.putIfAbsent(peer, HostAndPort.parse(address));
        }
        if (link != null) {
            // It is up, so the pause before the next attempt to reach it is over.
            link.connectNow();
        } else if (!address.isEmpty()) {
            // This server has yet to hear that it is a member; but how else should it be answered?
            connectTo(peer, HostAndPort.parse(address));
        }
        return new InboundPeer(self.nodeId(), peer, this::deliver, refusals);
    }

    private void deliver(String name, Message message) {
        NettyGroupTransport group = started.get(name);
        if (group != null) {
            group.deliver(message);
            return;
        }
        long dropped = droppedOfUnknownGroups.incrementAndGet();
        // Usual while the groups of a process start one after the other; sparse however many come.
        if (Long.bitCount(dropped) == 1) {
            LOG.info(
                    "{} takes no part in group '{}': dropped a message of node {}, the {}. of a group that is unknown here",
                    self.nodeId(),
                    Frames.printable(name),
                    message.from(),
                    dropped);
        }
    }

    /** How many messages were dropped because they were for groups that had not started here. */
    public long droppedOfUnknownGroups() {
        return droppedOfUnknownGroups.get();
    }

    /** The port on which it listens, once the first group has started. */
    public int port() {
        Listener opened = listener;
        if (opened == null) {
            throw new IllegalStateException("not listening");
        }
        return opened.port();
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
        given.values().forEach(NettyGroupTransport::close);
        links.values().forEach(PeerLink::close);
        Listener opened = listener;
        if (opened != null) {
            opened.close();
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
        public Collection<String> groups() {
            return started.keySet();
        }

        @Override
        public void onUnreachable(String name, NodeId peer) {
            NettyGroupTransport group = started.get(name);
            if (group != null) {
                group.unreachable(peer);
            }
        }

        @Override
        public void onWelcome(NodeId peer, String clientAddress) {
            if (!clientAddress.isEmpty()) {
                clientAddresses.put(peer, clientAddress);
            }
            started.values().forEach(group -> group.welcome(peer));
        }

        @Override
        public void onExcluded(NodeId peer, Exclusion.Reason reason, String text) {
            started.values().forEach(group -> group.refused(peer, reason, text));
        }
    }
}
