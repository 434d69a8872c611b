package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes in on a port: that connection is closed, the reason is logged once, and no other one notices. */
@Timeout(120)
abstract class BadInputContract {
    static final String CLUSTER = "test";
    static final long HANDSHAKE_TIMEOUT_MILLIS = 1_500;
    static final int MAX_FRAME_BYTES = 64 << 10;

    private static final int ATTEMPTS = 3;

    private CapturedWarnings warnings;
    private RawConnection bystander;

    /** What one attempt does with a new connection before it must be closed. */
    interface Attempt {
        void with(RawConnection connection) throws IOException;
    }

    /** Starts the port, without any peers or clients. */
    abstract void startPort();

    abstract void stopPort();

    abstract int port();

    /** A Hello that is welcome, of somebody else than the bystander and every other attempt. */
    abstract Hello.Builder goodHello(String who);

    abstract Hello.Builder helloOfTheWrongKind();

    /** Whether a connection that was welcomed is in order: says something and awaits the answer. */
    abstract void exchange(RawConnection connection) throws IOException;

    @BeforeEach
    void start() throws IOException {
        startPort();
        bystander = new RawConnection(port());
        assertThat(bystander.greet(goodHello("bystander")).getVerdict()).isEqualTo(HelloReply.Verdict.WELCOME);
        exchange(bystander);
        warnings = new CapturedWarnings();
    }

    @AfterEach
    void end() throws IOException {
        warnings.close();
        bystander.close();
        stopPort();
    }

    private void refuses(String reason, Attempt attempt) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            try (RawConnection connection = new RawConnection(port())) {
                attempt.with(connection);
                connection.awaitClosed();
            }
        }
        exchange(bystander);
        assertThat(warnings.messages()).singleElement().asString().contains(reason);
    }

    private RawConnection welcomed(RawConnection connection) throws IOException {
        assertThat(connection.greet(goodHello("intruder")).getVerdict()).isEqualTo(HelloReply.Verdict.WELCOME);
        return connection;
    }

    private static byte[] lengthPrefix(int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    @Test
    @Tag("case-84")
    void anOversizedFrameInsteadOfTheHandshake() throws IOException {
        refuses("a frame of 2147483647 bytes", connection -> connection.write(lengthPrefix(Integer.MAX_VALUE)));
    }

    @Test
    @Tag("case-84")
    void aHandshakeThatIsLargerThanAnyHandshake() throws IOException {
        refuses("a frame of 5000 bytes", connection -> connection.write(lengthPrefix(5000)));
    }

    @Test
    @Tag("case-84")
    void anOversizedFrameAfterTheHandshake() throws IOException {
        refuses("a frame of " + (MAX_FRAME_BYTES + 1) + " bytes", connection -> welcomed(connection)
                .write(lengthPrefix(MAX_FRAME_BYTES + 1)));
    }

    @Test
    @Tag("case-84")
    void aNegativeLength() throws IOException {
        refuses("a frame of 4294967295 bytes", connection -> welcomed(connection)
                .write(lengthPrefix(-1)));
    }

    @Test
    @Tag("case-85")
    void randomBytesInsteadOfTheHandshake() throws IOException {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("randomBytesInsteadOfTheHandshake: seed " + seed);
        Random random = new Random(seed);
        refuses("closed a", connection -> {
            byte[] bytes = new byte[Handshake.MAX_FRAME_BYTES * 2];
            random.nextBytes(bytes);
            connection.write(bytes);
        });
    }

    @Test
    @Tag("case-85")
    void randomBytesAfterTheHandshake() throws IOException {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("randomBytesAfterTheHandshake: seed " + seed);
        Random random = new Random(seed);
        refuses("closed a", connection -> {
            byte[] bytes = new byte[MAX_FRAME_BYTES * 2];
            random.nextBytes(bytes);
            welcomed(connection).write(bytes);
        });
    }

    @Test
    @Tag("case-85")
    void aRequestOfAnotherProtocol() throws IOException {
        refuses(
                "closed a",
                connection -> connection.write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    @Tag("case-86")
    void malformedProtobufInsteadOfTheHandshake() throws IOException {
        refuses("not the protobuf", connection -> connection.writeFrame(new byte[] {(byte) 0xff, 1, 2, 3}));
    }

    @Test
    @Tag("case-86")
    void malformedProtobufAfterTheHandshake() throws IOException {
        refuses("not the protobuf", connection -> welcomed(connection).writeFrame(new byte[] {(byte) 0xff, 1, 2, 3}));
    }

    @Test
    @Tag("case-86")
    void deeplyNestedProtobufAfterTheHandshake() throws IOException {
        byte[] groups = new byte[MAX_FRAME_BYTES];
        // Field 100, start of a group, again and again.
        for (int i = 0; i < groups.length; i += 2) {
            groups[i] = (byte) 0xa3;
            groups[i + 1] = 0x06;
        }
        refuses("not the protobuf", connection -> welcomed(connection).writeFrame(groups));
    }

    @Test
    void anEmptyFrameAfterTheHandshake() throws IOException {
        refuses("closed a", connection -> welcomed(connection).writeFrame(new byte[0]));
    }

    @Test
    void aHelloWithoutOurMagicNumber() throws IOException {
        refuses(
                "not Balsa's",
                connection ->
                        connection.writeFrame(goodHello("intruder").setMagic(1).build()));
    }

    @Test
    @Tag("case-90")
    void aHelloOfAnotherCluster() throws IOException {
        refuses("WRONG_CLUSTER, this is cluster 'test', not 'elsewhere?'", connection -> {
            HelloReply reply = connection.greet(goodHello("intruder").setClusterId("elsewhere\n"));
            assertThat(reply.getVerdict()).isEqualTo(HelloReply.Verdict.WRONG_CLUSTER);
            assertThat(reply.getReason()).isEqualTo("this is cluster 'test', not 'elsewhere?'");
        });
    }

    @Test
    void aHelloOfTheWrongKind() throws IOException {
        refuses("WRONG_KIND", connection -> {
            HelloReply reply = connection.greet(helloOfTheWrongKind());
            assertThat(reply.getVerdict()).isEqualTo(HelloReply.Verdict.WRONG_KIND);
        });
    }

    @Test
    @Tag("case-93")
    void aHelloOfANewerProtocol() throws IOException {
        refuses("UNSUPPORTED_VERSION", connection -> {
            HelloReply reply =
                    connection.greet(goodHello("intruder").setMinVersion(2).setMaxVersion(3));
            assertThat(reply.getVerdict()).isEqualTo(HelloReply.Verdict.UNSUPPORTED_VERSION);
            assertThat(reply.getReason()).contains("1 to 1", "2 to 3");
        });
    }

    @Test
    @Tag("case-93")
    void aNewerPeerThatStillSpeaksTheOldProtocolIsWelcome() throws IOException {
        try (RawConnection connection = new RawConnection(port())) {
            HelloReply reply = connection.greet(goodHello("intruder").setMaxVersion(9));
            assertThat(reply.getVerdict()).isEqualTo(HelloReply.Verdict.WELCOME);
            assertThat(reply.getVersion()).isEqualTo(1);
            exchange(connection);
        }
        assertThat(warnings.messages()).isEmpty();
    }

    @Test
    @Tag("case-87")
    void noHandshakeAtAll() throws IOException {
        refuses("no handshake within", connection -> {});
    }

    @Test
    @Tag("case-87")
    void aHandshakeThatDripsIn() throws IOException {
        try (RawConnection connection = new RawConnection(port())) {
            connection.write(lengthPrefix(1000));
            await().pollInterval(Duration.ofMillis(20)).until(() -> isClosedWhenWrittenTo(connection));
        }
        await().until(() -> !warnings.messages().isEmpty());
        exchange(bystander);
    }

    private static boolean isClosedWhenWrittenTo(RawConnection connection) {
        try {
            connection.write(new byte[1]);
            return false;
        } catch (IOException closed) {
            return true;
        }
    }

    @Test
    @Tag("case-85")
    void aConnectionThatIsCutAtAnyByteIsNoNews() throws IOException {
        byte[] hello = goodHello("intruder").build().toByteArray();
        for (int length = 0; length < hello.length; length += 7) {
            try (RawConnection connection = new RawConnection(port())) {
                connection.write(lengthPrefix(hello.length));
                connection.write(Arrays.copyOf(hello, length));
            }
        }
        exchange(bystander);
        assertThat(warnings.messages()).isEmpty();
    }
}
