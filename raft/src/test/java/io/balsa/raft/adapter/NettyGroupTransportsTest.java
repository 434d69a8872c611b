package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import io.balsa.raft.proto.HelloReply.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NettyGroupTransportsTest extends GroupTransportsContract {
    private static final TransportLimits LIMITS =
            new TransportLimits(4 << 20, 4096, 8L << 20, 100, 1_000, 1_000, 400, 1, 20);

    private final Map<NodeId, HostAndPort> addresses = new TreeMap<>(
            Map.of(A, new HostAndPort("127.0.0.1", freePort()), B, new HostAndPort("127.0.0.1", freePort())));
    private final Map<NodeId, byte[]> storeIds = Map.of(A, NodeIdentity.randomId(), B, NodeIdentity.randomId());
    private final CapturedWarnings warnings = new CapturedWarnings();

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void endWarnings() {
        warnings.close();
    }

    @Override
    NettyGroupTransports make(NodeId host) {
        return new NettyGroupTransports(
                NodeIdentity.ofThisRun("test", host, storeIds.get(host), host + ".example:1"),
                addresses.get(host),
                addresses,
                LIMITS,
                KnownPeers.inMemory());
    }

    @Override
    Optional<String> threadNameOf(NodeId host) {
        return Optional.of("balsa-network-" + host + "-");
    }

    private static Configuration without(NodeId removed, NodeId remaining) {
        return new Configuration(List.of(remaining), List.of(), List.of(), List.of(removed), Map.of());
    }

    @Test
    void aPeerIsRefusedWhenAllGroupsHaveRemovedIt() throws IOException {
        try (GroupTransports a = make(A)) {
            Transport one = a.of("one");
            Transport two = a.of("two");
            RecordingReceiver atOne = new RecordingReceiver();
            RecordingReceiver atTwo = new RecordingReceiver();
            one.start(atOne);
            two.start(atTwo);
            one.updateMembers(Configuration.of(List.of(A, B)));
            two.updateMembers(Configuration.of(List.of(A, B)));
            one.updateMembers(without(B, A));
            Message vote = new Message.RequestVoteResponse(B, A, 3, true);
            try (RawConnection connection = greetAs(B, Verdict.WELCOME)) {
                // By the end of the idle time it is parted from in the one group, and heard in the other.
                await().until(() -> {
                    atOne.messages.clear();
                    atTwo.messages.clear();
                    connection.writeFrame(ProtobufCodec.toFrame("one", vote));
                    connection.writeFrame(ProtobufCodec.toFrame("two", vote));
                    await().until(() -> atTwo.messages.contains(vote));
                    return atOne.messages.isEmpty();
                });
                two.updateMembers(without(B, A));
                connection.awaitClosed();
            }
            greetAs(B, Verdict.REMOVED).close();
            // It never left after all.
            one.updateMembers(Configuration.of(List.of(A, B)));
            atOne.messages.clear();
            try (RawConnection connection = greetAs(B, Verdict.WELCOME)) {
                connection.writeFrame(ProtobufCodec.toFrame("one", vote));
                await().until(() -> atOne.messages.contains(vote));
            }
        }
    }

    private RawConnection greetAs(NodeId peer, Verdict expected) throws IOException {
        byte[] storeId = storeIds.get(peer);
        RawConnection connection = new RawConnection(addresses.get(A).port());
        assertThat(connection
                        .greet(RawConnection.peerHello("test", peer.value(), storeId, storeId))
                        .getVerdict())
                .isEqualTo(expected);
        return connection;
    }

    @Test
    void aFailureToListenIsToldToTheFirstGroupAndTriedAgainForTheNext() throws IOException {
        RecordingReceiver received = new RecordingReceiver();
        try (NettyGroupTransports a = make(A)) {
            try (ServerSocket taken =
                    new ServerSocket(addresses.get(A).port(), 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                Transport first = a.of("one");
                assertThat(taken.isBound()).isTrue();
                assertThatListeningFails(first, received);
                first.close();
            }
            Transport second = a.of("one");
            second.start(received);
            assertThat(a.port()).isEqualTo(addresses.get(A).port());
        }
    }

    private void assertThatListeningFails(Transport transport, RecordingReceiver receiver) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> transport.start(receiver))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(addresses.get(A).toString());
    }
}
