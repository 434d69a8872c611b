package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.balsa.raft.proto.HelloReply.Verdict;
import io.balsa.raft.proto.PeerFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a transport talks to, and what it does with those who are not whom they should be. */
@Timeout(120)
class NettyTransportHandshakeTest {
    private static final NodeId A = NodeId.of("a");
    private static final NodeId B = NodeId.of("b");
    private static final NodeId C = NodeId.of("c");
    private static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);
    private static final HostAndPort NOWHERE = new HostAndPort("127.0.0.1", 1);
    private static final TransportLimits LIMITS =
            new TransportLimits(64 << 10, 1000, 1 << 20, 100, 1_000, 1_000, 400, 1, 20);

    private final NetworkThreads threads = NetworkThreads.create("handshake-test", 2);
    private final List<AutoCloseable> open = new ArrayList<>();
    private CapturedWarnings warnings;

    @BeforeEach
    void start() {
        warnings = new CapturedWarnings();
    }

    @AfterEach
    void end() throws Exception {
        warnings.close();
        for (AutoCloseable one : open) {
            one.close();
        }
        threads.close();
    }

    private NettyTransport transport(
            NodeIdentity identity, Map<NodeId, HostAndPort> peers, KnownPeers known, ProtocolVersions versions) {
        NettyTransport transport =
                new NettyTransport(identity, ANY_PORT, peers, LIMITS, known, versions, threads, false);
        open.add(transport);
        return transport;
    }

    private NettyTransport transport(String cluster, NodeId node, ProtocolVersions versions, NodeId... peers) {
        NodeIdentity identity = NodeIdentity.ofThisRun(cluster, node, NodeIdentity.randomId(), node + ".example:7000");
        NettyTransport transport = transport(identity, Map.of(), KnownPeers.inMemory(), versions);
        for (NodeId peer : peers) {
            transport.setPeer(peer, NOWHERE);
        }
        return transport;
    }

    private NettyTransport transport(NodeId node, NodeId... peers) {
        return transport("test", node, ProtocolVersions.CURRENT, peers);
    }

    private static void connect(NettyTransport one, NodeId to, NettyTransport other) {
        one.setPeer(to, new HostAndPort("127.0.0.1", other.port()));
    }

    private static void awaitDelivery(NettyTransport from, NodeId sender, NodeId to, RecordingReceiver receiver) {
        Message message = new Message.RequestVoteResponse(sender, to, 3, true);
        await().until(() -> {
            from.send(message);
            from.flush();
            return receiver.messages.contains(message);
        });
    }

    private void awaitOneWarning(String part) {
        await().until(() -> warningsWith(part).size() == 1);
    }

    private List<String> warningsWith(String part) {
        return warnings.messages().stream()
                .filter(message -> message.contains(part))
                .toList();
    }

    private HandshakenListener listener() throws IOException {
        HandshakenListener listener = new HandshakenListener();
        open.add(listener);
        return listener;
    }

    /** Stands where a peer should be, and answers as a test wants. */
    private static final class HandshakenListener implements AutoCloseable {
        private final ServerSocket server =
                new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));

        HandshakenListener() throws IOException {}

        HostAndPort address() {
            return new HostAndPort("127.0.0.1", server.getLocalPort());
        }

        /** Waits for the next connection and its Hello, and answers. */
        RawConnection accept(HelloReply reply) throws IOException {
            RawConnection connection = new RawConnection(server.accept());
            connection.readFrame(Hello.parser());
            connection.writeFrame(reply);
            return connection;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static HelloReply.Builder welcome(String node) {
        return HelloReply.newBuilder()
                .setVerdict(Verdict.WELCOME)
                .setVersion(1)
                .setClusterId("test")
                .setNodeId(node);
    }

    @Test
    void knowsWhereItsPeersTakeClients() {
        NettyTransport a = transport(A, B);
        NettyTransport b = transport(B, A);
        assertThat(a.clientAddressOf(A)).isEqualTo("a.example:7000");
        assertThat(a.clientAddressOf(B)).isEmpty();
        a.start(new RecordingReceiver());
        b.start(new RecordingReceiver());
        // One connection is enough for both to know.
        connect(a, B, b);
        assertThat(a.addressOf(B)).contains("127.0.0.1:" + b.port());
        assertThat(a.addressOf(C)).isEmpty();
        await().until(() -> a.clientAddressOf(B).equals("b.example:7000"));
        await().until(() -> b.clientAddressOf(A).equals("a.example:7000"));
    }

    @Test
    @Tag("case-92")
    void aPortInUseIsNamed() {
        NettyTransport a = transport(A);
        a.start(new RecordingReceiver());
        HostAndPort taken = new HostAndPort("127.0.0.1", a.port());
        NodeIdentity b = NodeIdentity.ofThisRun("test", B, NodeIdentity.randomId(), "");
        try (NettyTransport second = new NettyTransport(b, taken, Map.of(), LIMITS)) {
            assertThatThrownBy(() -> second.start(new RecordingReceiver()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(BindException.class)
                    .hasMessageContaining(taken.toString());
        }
    }

    @Test
    @Tag("case-90")
    void serversOfTwoClustersRefuseEachOtherAndSayItOnce() {
        RecordingReceiver received = new RecordingReceiver();
        NettyTransport a = transport(A, B);
        NettyTransport b = transport("elsewhere", B, ProtocolVersions.CURRENT, A);
        a.start(received);
        b.start(received);
        connect(a, B, b);
        awaitOneWarning("refused a connection of 127.0.0.1");
        awaitOneWarning("WRONG_CLUSTER: this is cluster 'elsewhere', not 'test'");
        // Many attempts later it is still said once on each side.
        int attempts = 20;
        for (int i = 0; i < attempts; i++) {
            a.send(new Message.RequestVoteResponse(A, B, 3, true));
            a.flush();
        }
        awaitAnotherAttempt(b);
        assertThat(warningsWith("WRONG_CLUSTER")).hasSize(2);
        assertThat(received.messages).isEmpty();
    }

    /** Attempts follow each other within 20 ms; this takes longer. */
    private void awaitAnotherAttempt(NettyTransport target) {
        try (RawConnection silent = new RawConnection(target.port())) {
            silent.awaitClosed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("case-93")
    void olderAndNewerServersFormOneCluster() {
        RecordingReceiver atOld = new RecordingReceiver();
        RecordingReceiver atNew = new RecordingReceiver();
        NettyTransport old = transport("test", A, new ProtocolVersions(1, 1), B);
        NettyTransport updated = transport("test", B, new ProtocolVersions(1, 2), A);
        old.start(atOld);
        updated.start(atNew);
        connect(old, B, updated);
        connect(updated, A, old);
        awaitDelivery(old, A, B, atNew);
        awaitDelivery(updated, B, A, atOld);
    }

    @Test
    @Tag("case-93")
    void serversWithoutACommonVersionRefuseEachOther() {
        NettyTransport old = transport("test", A, new ProtocolVersions(1, 1), B);
        NettyTransport updated = transport("test", B, new ProtocolVersions(2, 2), A);
        old.start(new RecordingReceiver());
        updated.start(new RecordingReceiver());
        connect(old, B, updated);
        awaitOneWarning("can't connect to node b at 127.0.0.1:" + updated.port()
                + ": UNSUPPORTED_VERSION: this server speaks protocol versions 2 to 2, the other side 1 to 1");
    }

    @Test
    @Tag("case-91")
    void aClonedNodeIsRefusedWhileTheFirstLives() throws IOException {
        RecordingReceiver received = new RecordingReceiver();
        NettyTransport a = transport(A, B);
        a.start(received);
        NettyTransport first = transport(B, A);
        first.start(new RecordingReceiver());
        connect(first, A, a);
        awaitDelivery(first, B, A, received);
        byte[] store = NodeIdentity.randomId();
        for (int i = 0; i < 3; i++) {
            try (RawConnection clone = new RawConnection(a.port())) {
                HelloReply reply = clone.greet(RawConnection.peerHello("test", "b", store, store));
                assertThat(reply.getVerdict()).isEqualTo(Verdict.OTHER_DIRECTORY);
                clone.awaitClosed();
            }
        }
        received.messages.clear();
        awaitDelivery(first, B, A, received);
        assertThat(warningsWith("OTHER_DIRECTORY"))
                .singleElement()
                .asString()
                .contains("is not the one that this cluster knows by that name");
    }

    @Test
    @Tag("case-38")
    void aNodeWhoseDirectoryWasWipedIsRefusedInBothDirections(@TempDir Path directory) {
        KnownPeers known = KnownPeers.open(directory.resolve("known-peers"));
        NodeIdentity a = NodeIdentity.ofThisRun("test", A, NodeIdentity.randomId(), "");
        NettyTransport before = transport(a, Map.of(), known, ProtocolVersions.CURRENT);
        RecordingReceiver received = new RecordingReceiver();
        before.start(received);
        NettyTransport first = transport(B, A);
        first.start(new RecordingReceiver());
        connect(first, A, before);
        awaitDelivery(first, B, A, received);
        first.close();
        before.close();

        NettyTransport after =
                transport(a, Map.of(), KnownPeers.open(directory.resolve("known-peers")), ProtocolVersions.CURRENT);
        RecordingReceiver receivedAfter = new RecordingReceiver();
        after.start(receivedAfter);
        NettyTransport wiped = transport(B, A);
        RecordingReceiver told = new RecordingReceiver();
        wiped.start(told);
        connect(wiped, A, after);
        connect(after, B, wiped);
        await().untilAsserted(() -> assertThat(told.refusals)
                .first()
                .asString()
                .startsWith("a REFUSED the data directory of node b is not the one")
                .endsWith("add the machine under a new id: balsa member add"));
        assertThat(warningsWith("can't connect to node a"))
                .as("it is the receiver's to say it")
                .noneMatch(warning -> warning.contains("data directory"));
        awaitOneWarning("can't connect to node b at 127.0.0.1:" + wiped.port() + ": the data directory of node b");
        assertThat(receivedAfter.messages).isEmpty();
    }

    @Test
    @Tag("case-47")
    @Tag("case-49")
    void aRemovedNodeIsPartedFromAndDoesNotComeBack() {
        RecordingReceiver atA = new RecordingReceiver();
        RecordingReceiver atB = new RecordingReceiver();
        NettyTransport a = transport(A, B);
        NettyTransport b = transport(B, A);
        a.start(atA);
        b.start(atB);
        connect(a, B, b);
        connect(b, A, a);
        awaitDelivery(a, A, B, atB);
        awaitDelivery(b, B, A, atA);
        assertThat(atB.welcomes).contains(A);
        Configuration both = Configuration.of(List.of(A, B));
        a.updateMembers(both);
        a.updateMembers(new Configuration(List.of(A), List.of(), List.of(), List.of(B), Map.of()));
        awaitOneWarning("REMOVED, node b was removed from this cluster");
        await().untilAsserted(() -> assertThat(atB.refusals)
                .first()
                .asString()
                .startsWith("a REMOVED node b was removed from this cluster"));
        atB.welcomes.clear();
        atA.messages.clear();
        b.send(new Message.RequestVoteResponse(B, A, 3, true));
        b.flush();
        awaitAnotherAttempt(a);
        assertThat(atA.messages).isEmpty();
        a.updateMembers(both);
        connect(a, B, b);
        awaitDelivery(b, B, A, atA);
        awaitDelivery(a, A, B, atB);
        assertThat(atB.welcomes).contains(A);
    }

    @Test
    void membersAreReachedWhereTheConfigurationSays() {
        RecordingReceiver atB = new RecordingReceiver();
        NettyTransport a = transport(A, B);
        NettyTransport b = transport(B);
        a.start(new RecordingReceiver());
        b.start(atB);
        a.updateMembers(Configuration.of(Map.of(A, "127.0.0.1:1", B, "127.0.0.1:" + b.port())));
        awaitDelivery(a, A, B, atB);
        a.updateMembers(Configuration.of(Map.of(A, "127.0.0.1:1", B, "nowhere")));
        awaitOneWarning("can't connect to node b: ");
        awaitDelivery(a, A, B, atB);
    }

    @Test
    void whoIsCalledByAServerThatItDoesNotKnowCanAnswer() throws IOException {
        NettyTransport joining = transport(B);
        joining.start(new RecordingReceiver());
        HandshakenListener leader = listener();
        byte[] store = NodeIdentity.randomId();
        Message answer = new Message.RequestVoteResponse(B, A, 3, true);
        try (RawConnection calling = new RawConnection(joining.port())) {
            HelloReply reply = calling.greet(RawConnection.peerHello("test", "a", store, store)
                    .setPeerAddress(leader.address().toString()));
            assertThat(reply.getVerdict()).isEqualTo(Verdict.WELCOME);
            try (RawConnection called = leader.accept(welcome("a").build())) {
                await().until(() -> {
                    joining.send(answer);
                    joining.flush();
                    return called.hasArrived();
                });
                PeerFrame frame = called.readFrame(PeerFrame.parser());
                while (frame.hasKeepAlive()) {
                    frame = called.readFrame(PeerFrame.parser());
                }
                assertThat(ProtobufCodec.fromFrame(frame)).isEqualTo(answer);
            } catch (MalformedFrameException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    @Tag("case-55")
    void partsOfASnapshotDoNotKeepOtherMessagesWaiting() {
        RecordingReceiver atB = new RecordingReceiver();
        NettyTransport a = transport(A, B);
        NettyTransport b = transport(B, A);
        a.start(new RecordingReceiver());
        b.start(atB);
        connect(a, B, b);
        awaitDelivery(a, A, B, atB);
        atB.messages.clear();
        SnapshotDescription snapshot = new SnapshotDescription(SnapshotStorageContract.metadata(9), 1 << 20, 77);
        byte[] data = new byte[20_000];
        // Six fit into an eighth of the queue, and the message that comes last overtakes those that have not left.
        for (int part = 0; part < 20; part++) {
            a.send(new Message.InstallSnapshot(A, B, 3, snapshot, part * 20_000L, data, 0));
        }
        Message heartbeat = new Message.RequestVoteResponse(A, B, 4, true);
        a.send(heartbeat);
        a.flush();
        List<Message> expected = new ArrayList<>(List.of(heartbeat));
        for (int part = 0; part < 6; part++) {
            expected.add(new Message.InstallSnapshot(A, B, 3, snapshot, part * 20_000L, data, 0));
        }
        await().until(() -> List.copyOf(atB.messages).stream()
                .filter(message -> message.term() == 4 || message instanceof Message.InstallSnapshot)
                .toList()
                .equals(expected));
    }

    @Test
    void aMessageInAnothersNameClosesTheConnection() throws IOException {
        RecordingReceiver received = new RecordingReceiver();
        NettyTransport a = transport(A, B, C);
        a.start(received);
        byte[] id = NodeIdentity.randomId();
        try (RawConnection liar = new RawConnection(a.port())) {
            assertThat(liar.greet(RawConnection.peerHello("test", "b", id, id)).getVerdict())
                    .isEqualTo(Verdict.WELCOME);
            liar.writeFrame(ProtobufCodec.encode(new Message.RequestVoteResponse(C, A, 3, true)));
            liar.awaitClosed();
        }
        assertThat(received.messages).isEmpty();
        assertThat(warningsWith("it sent a message from c to a")).hasSize(1);
    }

    @Test
    void anotherNodeAtThePeersAddressIsNotTakenForThePeer() {
        RecordingReceiver atC = new RecordingReceiver();
        NettyTransport a = transport(A, B, C);
        NettyTransport c = transport(C, A);
        a.start(new RecordingReceiver());
        c.start(atC);
        connect(a, B, c);
        awaitOneWarning("WRONG_NODE: node c of cluster 'test' answers here, not b, whose address is wrong");
        connect(a, C, c);
        awaitDelivery(a, A, C, atC);
        assertThat(atC.messages).allMatch(message -> message.to().equals(C));
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUpAndMadeAnew() throws IOException {
        RecordingReceiver received = new RecordingReceiver();
        NettyTransport a = transport(A);
        HandshakenListener peer = listener();
        a.setPeer(B, peer.address());
        a.start(received);
        // It welcomes, and then answers no keep-alive: as if its machine had lost its power.
        try (RawConnection first = peer.accept(welcome("b").build());
                RawConnection second = peer.accept(welcome("b").build())) {
            first.awaitClosed();
            assertThat(received.unreachable).contains(B);
            assertThat(second.readFrame(PeerFrame.parser()).hasKeepAlive()).isTrue();
        }
    }

    @Test
    @Tag("case-85")
    void aPeerThatAnswersNonsenseIsLeftAndTriedAgain() throws IOException {
        NettyTransport a = transport(A);
        HandshakenListener peer = listener();
        a.setPeer(B, peer.address());
        a.start(new RecordingReceiver());
        HelloReply[] nonsense = {
            HelloReply.getDefaultInstance(),
            welcome("b").setVersion(7).build(),
            welcome("not a node id").build(),
            welcome("b").setVerdictValue(99).build(),
        };
        for (HelloReply reply : nonsense) {
            try (RawConnection connection = peer.accept(reply)) {
                connection.awaitClosed();
            }
        }
        assertThat(warnings.messages()).singleElement().asString().contains("can't connect to node b");
        try (RawConnection connection = peer.accept(welcome("b").build())) {
            connection.write(new byte[] {0x7f, 0, 0, 0});
            connection.awaitClosed();
        }
        awaitOneWarning("closed the connection to node b");
        try (RawConnection connection = peer.accept(welcome("b").build())) {
            assertThat(connection.readFrame(PeerFrame.parser()).hasKeepAlive()).isTrue();
        }
    }

    @Test
    void aHostNameThatCannotBeResolvedHarmsNoOther() {
        RecordingReceiver atC = new RecordingReceiver();
        NettyTransport a = transport(A);
        NettyTransport c = transport(C, A);
        c.start(atC);
        a.setPeer(B, new HostAndPort("no-such-host.invalid", 1));
        connect(a, C, c);
        a.start(new RecordingReceiver());
        awaitDelivery(a, A, C, atC);
        awaitOneWarning("its host name no-such-host.invalid can't be resolved");
    }
}
