package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.PeerFrame;
import java.io.IOException;
import java.util.Map;

class PeerPortBadInputTest extends BadInputContract {
    private final Map<String, byte[]> storeIds =
            Map.of("bystander", NodeIdentity.randomId(), "intruder", NodeIdentity.randomId());
    private NetworkThreads threads;
    private NettyTransport transport;

    @Override
    void startPort() {
        TransportLimits limits = new TransportLimits(
                MAX_FRAME_BYTES, 100, 1 << 20, 100, 1_000, HANDSHAKE_TIMEOUT_MILLIS, 60_000, 60_000, 60_000);
        NodeIdentity self = NodeIdentity.ofThisRun(CLUSTER, NodeId.of("self"), NodeIdentity.randomId(), "");
        threads = NetworkThreads.create("self", 1);
        // Known, but not to be reached: what is tested is what they send.
        HostAndPort nowhere = new HostAndPort("127.0.0.1", 1);
        transport = new NettyTransport(
                self,
                new HostAndPort("127.0.0.1", 0),
                Map.of(NodeId.of("bystander"), nowhere, NodeId.of("intruder"), nowhere),
                limits,
                KnownPeers.inMemory(),
                ProtocolVersions.CURRENT,
                threads,
                true);
        transport.start(new RecordingReceiver());
    }

    @Override
    void stopPort() {
        transport.close();
    }

    @Override
    int port() {
        return transport.port();
    }

    @Override
    Hello.Builder goodHello(String who) {
        // The boot id stays, as after a broken connection.
        return RawConnection.peerHello(CLUSTER, who, storeIds.get(who), storeIds.get(who));
    }

    @Override
    Hello.Builder helloOfTheWrongKind() {
        return RawConnection.clientHello(CLUSTER);
    }

    @Override
    void exchange(RawConnection connection) throws IOException {
        connection.writeFrame(PeerFrame.newBuilder()
                .setKeepAlive(PeerFrame.KeepAlive.getDefaultInstance())
                .build());
        assertThat(connection.readFrame(PeerFrame.parser()).hasKeepAlive()).isTrue();
    }
}
