package io.balsa.raft.adapter;

import io.balsa.raft.adapter.HandshakeAcceptor.Decision;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.netty.channel.Channel;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Decides which servers may send to this one: those of the same cluster that were not removed from it, and under each name
 * only one data directory and one process (cases 38, 49, 90, 91 and 93). A member that this server has not heard of yet
 * comes in as well: one that joins knows the others before they know it. Thread-safe.
 */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class PeerGate implements HandshakeAcceptor.Gate {
    /** The inbound connection of a peer that was let in. */
    interface Session extends io.netty.channel.ChannelHandler {
        /** When something last arrived on it. */
        long lastReadNanos();
    }

    private record Guest(byte[] bootId, Channel channel, Session session) {}

    private final NodeIdentity self;
    private final ProtocolVersions versions;
    private final KnownPeers knownPeers;
    private final Function<Hello, Session> sessions;
    private final int maxFrameBytes;
    private final long aliveNanos;
    private final LongSupplier nanoTime;
    private final Map<NodeId, Guest> guests = new HashMap<>();
    private Set<NodeId> removed = Set.of();

    /**
     * @param knownPeers the data directories that were met so far
     * @param sessions makes the handler of a connection that is let in
     * @param aliveNanos whoever has been silent for longer may be replaced by a new process of the same name
     */
    PeerGate(
            NodeIdentity self,
            ProtocolVersions versions,
            KnownPeers knownPeers,
            Function<Hello, Session> sessions,
            int maxFrameBytes,
            long aliveNanos,
            LongSupplier nanoTime) {
        this.self = self;
        this.versions = versions;
        this.knownPeers = knownPeers;
        this.sessions = sessions;
        this.maxFrameBytes = maxFrameBytes;
        this.aliveNanos = aliveNanos;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized Decision decide(Hello hello, Channel channel) {
        String host = HandshakeAcceptor.hostOf(channel);
        HelloReply reply = Handshake.judge(hello, Hello.Kind.PEER, self, versions);
        if (reply.getVerdict() != HelloReply.Verdict.WELCOME) {
            return new Decision(host, reply, null, 0);
        }
        NodeId peer;
        try {
            peer = ProtobufCodec.nodeId(hello.getNodeId());
        } catch (MalformedFrameException e) {
            return refuse(host, HelloReply.Verdict.MALFORMED, "a server's Hello names its node id");
        }
        byte[] storeId = hello.getStoreId().toByteArray();
        byte[] bootId = hello.getBootId().toByteArray();
        if (storeId.length != NodeIdentity.ID_BYTES || bootId.length != NodeIdentity.ID_BYTES) {
            return refuse(host, HelloReply.Verdict.MALFORMED, "a server's Hello has a store id and a boot id");
        }
        if (peer.equals(self.nodeId())) {
            return refuse(
                    host,
                    HelloReply.Verdict.DUPLICATE_NODE,
                    Arrays.equals(bootId, self.bootId())
                            ? "node " + peer + " reached itself: one of the peers has this node's address"
                            : "this server is itself node " + peer);
        }
        if (!hello.getWantedNodeId().isEmpty()
                && !hello.getWantedNodeId().equals(self.nodeId().value())) {
            // Not welcomed even for a moment: that would cost the caller the connection that it has to this node.
            return refuse(
                    peer.value(),
                    HelloReply.Verdict.WRONG_NODE,
                    "node " + self.nodeId() + " of cluster '" + self.clusterId() + "' answers here, not "
                            + Frames.printable(hello.getWantedNodeId()) + ", whose address is wrong");
        }
        if (removed.contains(peer)) {
            return refuse(
                    peer.value(),
                    HelloReply.Verdict.REMOVED,
                    "node " + peer + " was removed from this cluster, and a removed id does not come back; "
                            + addUnderNewId());
        }
        KnownPeers.Verdict met = knownPeers.meet(peer, storeId);
        if (met == KnownPeers.Verdict.OTHER_DIRECTORY) {
            return refuse(peer.value(), HelloReply.Verdict.OTHER_DIRECTORY, otherDirectory(peer));
        }
        if (met == KnownPeers.Verdict.TOO_MANY) {
            return refuse(host, HelloReply.Verdict.UNKNOWN_NODE, "too many servers have called here before");
        }
        Guest present = guests.get(peer);
        if (present != null && !Arrays.equals(present.bootId(), bootId) && isAlive(present)) {
            return refuse(
                    peer.value(),
                    HelloReply.Verdict.DUPLICATE_NODE,
                    "another live process goes by node id " + peer + "; stop one of the two");
        }
        return welcome(peer, hello, channel, bootId, reply, present);
    }

    private Decision welcome(
            NodeId peer, Hello hello, Channel channel, byte[] bootId, HelloReply reply, Guest present) {
        if (present != null) {
            // Half-open, or of a process that dials anew: what still comes from there is out of date.
            present.channel().close();
        }
        Session session = sessions.apply(hello);
        guests.put(peer, new Guest(bootId, channel, session));
        channel.closeFuture().addListener(closed -> leave(peer, channel));
        return new Decision(peer.value(), reply, session, maxFrameBytes);
    }

    /** What is wrong with a server whose data directory is not the one that goes by its name. */
    static String otherDirectory(NodeId peer) {
        return "the data directory of node " + peer
                + " is not the one that this cluster knows by that name: it was wiped, copied or exchanged; "
                + "a node whose data is lost can't come back under its old id: balsa member remove " + peer + ", and "
                + addUnderNewId();
    }

    private static String addUnderNewId() {
        return "add the machine under a new id: balsa member add";
    }

    /** Refuses these from now on; who is in stays until {@link #showOut}. */
    synchronized void refuse(Collection<NodeId> removedPeers) {
        removed = Set.copyOf(removedPeers);
    }

    /** Closes the connections of those that are refused by now. */
    synchronized void showOut() {
        for (NodeId peer : removed) {
            Guest guest = guests.get(peer);
            if (guest != null) {
                guest.channel().close();
            }
        }
    }

    private boolean isAlive(Guest guest) {
        return guest.channel().isActive()
                && nanoTime.getAsLong() - guest.session().lastReadNanos() <= aliveNanos;
    }

    private synchronized void leave(NodeId peer, Channel channel) {
        Guest present = guests.get(peer);
        if (present != null && present.channel() == channel) {
            guests.remove(peer);
        }
    }

    private Decision refuse(String peer, HelloReply.Verdict verdict, String reason) {
        return new Decision(peer, Handshake.refuse(self, verdict, reason), null, 0);
    }
}
