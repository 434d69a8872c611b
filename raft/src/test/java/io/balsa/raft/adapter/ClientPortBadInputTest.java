package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ClientPortBadInputTest extends BadInputContract {
    private static final NodeIdentity SELF =
            NodeIdentity.ofThisRun(CLUSTER, NodeId.of("self"), NodeIdentity.randomId(), "");
    private static final HostAndPort ANY_PORT = new HostAndPort("127.0.0.1", 0);

    private NettyServiceServer server;

    @Override
    void startPort() {
        server = new NettyServiceServer(SELF, ANY_PORT, FakeService.echo(), limits(100, 60_000));
    }

    private static ServiceLimits limits(int connections, long idleMillis) {
        return new ServiceLimits(
                MAX_FRAME_BYTES, connections, 10_000, 1 << 20, 1 << 20, HANDSHAKE_TIMEOUT_MILLIS, idleMillis, 0);
    }

    @Override
    void stopPort() {
        server.close();
    }

    @Override
    int port() {
        return server.port();
    }

    @Override
    Hello.Builder goodHello(String who) {
        return RawConnection.clientHello(CLUSTER);
    }

    @Override
    Hello.Builder helloOfTheWrongKind() {
        return RawConnection.peerHello(CLUSTER, "intruder", NodeIdentity.randomId(), NodeIdentity.randomId());
    }

    @Override
    void exchange(RawConnection connection) throws IOException {
        connection.writeFrame(ClientCodec.toFrame(5, new ClientRequest.Propose(new byte[] {1, 2, 3})));
        ClientResponseFrame answer = connection.readFrame(ClientResponseFrame.parser());
        assertThat(answer.getCorrelationId()).isEqualTo(5);
        assertThat(answer.getApplied().getResult()).isEqualTo(ByteString.copyFrom(new byte[] {1, 2, 3}));
    }

    @Test
    void aClientMayLeaveTheClusterOpen() throws IOException {
        try (RawConnection connection = new RawConnection(port())) {
            HelloReply reply = connection.greet(RawConnection.clientHello(""));
            assertThat(reply.getVerdict()).isEqualTo(HelloReply.Verdict.WELCOME);
            assertThat(reply.getClusterId()).isEqualTo(CLUSTER);
            assertThat(reply.getNodeId()).isEqualTo("self");
            exchange(connection);
        }
    }

    @Test
    @Tag("case-87")
    void idleConnectionsAreClosedAlsoWhenBytesDripIn() throws IOException {
        try (NettyServiceServer impatient =
                        new NettyServiceServer(SELF, ANY_PORT, FakeService.echo(), limits(100, 200));
                RawConnection silent = new RawConnection(impatient.port())) {
            silent.greet(goodHello(""));
            silent.awaitClosed();
            // Not before: who does not greet in time is closed for that.
            try (RawConnection dripping = new RawConnection(impatient.port())) {
                // The beginning of a frame of 0xff00 bytes, of which the rest drips in.
                byte[] start = {0, 0, (byte) 0xff, 0};
                dripping.greet(goodHello(""));
                await().pollInterval(Duration.ofMillis(20)).until(() -> isClosed(dripping, start));
            }
        }
    }

    @Test
    void aKeepAliveIsAnswered() throws IOException {
        try (RawConnection connection = new RawConnection(port())) {
            connection.greet(goodHello(""));
            connection.writeFrame(ClientRequestFrame.newBuilder()
                    .setKeepAlive(ClientRequestFrame.KeepAlive.getDefaultInstance())
                    .build());
            assertThat(connection.readFrame(ClientResponseFrame.parser()).hasKeepAlive())
                    .isTrue();
        }
    }

    @Test
    @Tag("case-87")
    void moreConnectionsThanAllowedAreClosedAndOthersStay() throws IOException {
        try (CapturedWarnings warnings = new CapturedWarnings();
                NettyServiceServer small =
                        new NettyServiceServer(SELF, ANY_PORT, FakeService.echo(), limits(2, 60_000));
                RawConnection first = new RawConnection(small.port());
                RawConnection second = new RawConnection(small.port())) {
            first.greet(goodHello(""));
            second.greet(goodHello(""));
            for (int i = 0; i < 3; i++) {
                try (RawConnection third = new RawConnection(small.port())) {
                    third.awaitClosed();
                }
            }
            exchange(first);
            exchange(second);
            assertThat(warnings.messages()).singleElement().asString().contains("there are 2 connections already");
        }
    }

    private static void ask(RawConnection connection, int requests) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < requests; i++) {
            ClientRequest read = new ClientRequest.Read(ReadConsistency.LOCAL, 0, new byte[0], 1_000);
            byte[] frame = ClientCodec.toFrame(i, read).toByteArray();
            frames.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
            frames.writeBytes(frame);
        }
        connection.write(frames.toByteArray());
    }

    @Test
    @Tag("case-88")
    void aClientThatDoesNotReadItsAnswersIsDisconnected() throws Exception {
        byte[] large = new byte[MAX_FRAME_BYTES / 2];
        FakeService service = FakeService.parkingAll();
        try (CapturedWarnings warnings = new CapturedWarnings();
                NettyServiceServer patient = new NettyServiceServer(SELF, ANY_PORT, service, limits(10, 60_000));
                RawConnection greedy = new RawConnection(patient.port());
                RawConnection other = new RawConnection(patient.port())) {
            greedy.greet(goodHello(""));
            other.greet(goodHello(""));
            ask(greedy, 2_000);
            // All of them first: once disconnected it asks no more.
            List<FakeService.Parked> asked = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                asked.add(service.parked.take());
            }
            for (FakeService.Parked request : asked) {
                request.answer().complete(new ClientResponse.Answer(1, large));
            }
            await().until(() -> !warnings.messages().isEmpty());
            assertThat(warnings.messages()).singleElement().asString().contains("does not read its answers");
            greedy.awaitClosed();
            ask(other, 1);
            service.parked.take().answer().complete(new ClientResponse.Answer(1, large));
            assertThat(other.readFrame(ClientResponseFrame.parser()).hasAnswer())
                    .isTrue();
        }
    }

    @Test
    @Tag("case-88")
    void noMoreIsReadOfAClientThatDoesNotReadItsAnswers() throws Exception {
        byte[] large = new byte[MAX_FRAME_BYTES / 2];
        AtomicInteger asked = new AtomicInteger();
        int requests = 20_000;
        FakeService service = new FakeService(request -> {
            asked.incrementAndGet();
            return new ClientResponse.Answer(1, large);
        });
        ServiceLimits unlimited =
                new ServiceLimits(MAX_FRAME_BYTES, 10, 10_000, 1 << 20, 1L << 40, HANDSHAKE_TIMEOUT_MILLIS, 300, 0);
        try (NettyServiceServer strict = new NettyServiceServer(SELF, ANY_PORT, service, unlimited);
                RawConnection greedy = new RawConnection(strict.port())) {
            greedy.greet(goodHello(""));
            ask(greedy, requests);
            // Nothing arrives from it any more as far as the server sees, so it counts as idle in the end.
            await().until(() -> isClosed(greedy, new byte[1]));
            assertThat(asked.get()).isPositive().isLessThan(requests);
        }
    }

    private static boolean isClosed(RawConnection connection, byte[] written) {
        try {
            connection.write(written);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void aCorrelationIdThatIsInUseClosesTheConnection() throws IOException {
        FakeService service = FakeService.parkingAll();
        try (NettyServiceServer parking = new NettyServiceServer(SELF, ANY_PORT, service, limits(10, 60_000));
                RawConnection connection = new RawConnection(parking.port())) {
            connection.greet(goodHello(""));
            connection.writeFrame(ClientCodec.toFrame(1, new ClientRequest.Status()));
            connection.writeFrame(ClientCodec.toFrame(1, new ClientRequest.Status()));
            connection.awaitClosed();
        }
    }
}
