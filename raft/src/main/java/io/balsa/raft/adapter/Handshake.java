package io.balsa.raft.adapter;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import java.util.OptionalInt;

/** What the first frames of every connection hold, and what is asked of them whoever speaks (handshake.proto). */
final class Handshake {
    static final int MAX_FRAME_BYTES = 4096;
    static final int MAX_NAME_LENGTH = 256;

    private static final int MAGIC = 0x42414c53;

    private Handshake() {}

    /**
     * @param peerAddress where this server takes its peers; empty if it does not know how they reach it
     * @param wanted whom it means to reach
     */
    static Hello peerHello(NodeIdentity self, String peerAddress, NodeId wanted, ProtocolVersions versions) {
        return hello(versions)
                .setKind(Hello.Kind.PEER)
                .setClusterId(self.clusterId())
                .setNodeId(self.nodeId().value())
                .setStoreId(ByteString.copyFrom(self.storeId()))
                .setBootId(ByteString.copyFrom(self.bootId()))
                .setClientAddress(self.clientAddress())
                .setPeerAddress(peerAddress)
                .setWantedNodeId(wanted.value())
                .build();
    }

    static Hello clientHello(String clusterId, byte[] bootId, ProtocolVersions versions) {
        return hello(versions)
                .setKind(Hello.Kind.CLIENT)
                .setClusterId(clusterId)
                .setBootId(ByteString.copyFrom(bootId))
                .build();
    }

    private static Hello.Builder hello(ProtocolVersions versions) {
        return Hello.newBuilder().setMagic(MAGIC).setMinVersion(versions.min()).setMaxVersion(versions.max());
    }

    /** Fails when the other side does not even speak this protocol: such a one is not worth an answer. */
    static void checkSpeaksOurProtocol(Hello hello) throws MalformedFrameException {
        ProtobufCodec.require(hello.getMagic() == MAGIC, "a first frame that is not Balsa's");
    }

    static HelloReply refuse(NodeIdentity self, HelloReply.Verdict verdict, String reason) {
        return reply(self, verdict).setReason(reason).build();
    }

    static HelloReply welcome(NodeIdentity self, int version) {
        return reply(self, HelloReply.Verdict.WELCOME).setVersion(version).build();
    }

    private static HelloReply.Builder reply(NodeIdentity self, HelloReply.Verdict verdict) {
        return HelloReply.newBuilder()
                .setVerdict(verdict)
                .setClusterId(self.clusterId())
                .setNodeId(self.nodeId().value())
                .setStoreId(ByteString.copyFrom(self.storeId()))
                .setClientAddress(self.clientAddress());
    }

    /**
     * Judges what is the same for peers and clients.
     *
     * @param expected the kind that belongs on this port
     * @return WELCOME with the version that is spoken from here on, or the refusal
     */
    static HelloReply judge(Hello hello, Hello.Kind expected, NodeIdentity self, ProtocolVersions versions) {
        OptionalInt version = versions.newestCommon(hello.getMinVersion(), hello.getMaxVersion());
        if (version.isEmpty()) {
            return refuse(
                    self,
                    HelloReply.Verdict.UNSUPPORTED_VERSION,
                    "this server speaks protocol versions " + versions.min() + " to " + versions.max()
                            + ", the other side "
                            + Integer.toUnsignedString(hello.getMinVersion()) + " to "
                            + Integer.toUnsignedString(hello.getMaxVersion()));
        }
        if (hello.getKind() != expected) {
            return refuse(
                    self,
                    HelloReply.Verdict.WRONG_KIND,
                    expected == Hello.Kind.PEER
                            ? "this is the port for the other servers; clients connect to "
                                    + (self.clientAddress().isEmpty() ? "another" : self.clientAddress())
                            : "this is the port for clients, not for other servers");
        }
        boolean anyCluster =
                expected == Hello.Kind.CLIENT && hello.getClusterId().isEmpty();
        if (!anyCluster && !hello.getClusterId().equals(self.clusterId())) {
            return refuse(
                    self,
                    HelloReply.Verdict.WRONG_CLUSTER,
                    "this is cluster '" + self.clusterId() + "', not '" + Frames.printable(hello.getClusterId()) + "'");
        }
        return welcome(self, version.getAsInt());
    }

    /**
     * What the dialling side learns from a {@link HelloReply} that welcomes it.
     *
     * @param storeId of a server's data directory; empty if it does not say
     */
    record Welcome(int version, String clusterId, NodeId nodeId, String clientAddress, byte[] storeId) {}

    /** Reads a reply that welcomes. */
    static Welcome readWelcome(HelloReply reply, ProtocolVersions versions) throws MalformedFrameException {
        ProtobufCodec.require(
                versions.newestCommon(reply.getVersion(), reply.getVersion()).isPresent(),
                "a welcome in a protocol version that was not offered");
        return new Welcome(
                reply.getVersion(),
                reply.getClusterId(),
                ProtobufCodec.nodeId(reply.getNodeId()),
                address(reply.getClientAddress()),
                reply.getStoreId().toByteArray());
    }

    /** An address that someone sent, or an empty string if it is none. */
    static String address(String text) {
        if (text.isEmpty()) {
            return "";
        }
        try {
            return HostAndPort.parse(text).toString();
        } catch (IllegalArgumentException e) {
            // A server whose own client address is wrong still votes; clients find it some other way.
            return "";
        }
    }
}
