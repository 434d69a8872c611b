package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.balsa.raft.proto.PeerFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is written is read back; what no correct server writes is refused, whatever it is. */
class ProtobufCodecTest {
    private static final NodeId A = NodeId.of("a");
    private static final NodeId B = NodeId.of("b");

    private static long seed(String test) {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println(test + ": seed " + seed);
        return seed;
    }

    @Test
    void everyMessageComesBackAsItWas() throws Exception {
        RandomFrames random = new RandomFrames(seed("everyMessageComesBackAsItWas"));
        for (int i = 0; i < 50; i++) {
            for (Message message : random.everyMessage(A, B)) {
                assertThat(ProtobufCodec.decodeMessage(ProtobufCodec.encode(message)))
                        .isEqualTo(message);
            }
        }
    }

    @Test
    void everyKindOfMessageIsAmongThoseThatAreTested() {
        assertThat(new RandomFrames(1).everyMessage(A, B).stream().map(Object::getClass))
                .containsAll(List.of(Message.class.getPermittedSubclasses()));
        assertThat(new RandomFrames(1).everyRequest().stream().map(Object::getClass))
                .containsAll(List.of(ClientRequest.class.getPermittedSubclasses()));
        assertThat(new RandomFrames(1).everyResponse().stream().map(Object::getClass))
                .containsAll(kindsOf(ClientResponse.class).toList());
    }

    private static Stream<Class<?>> kindsOf(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(ProtobufCodecTest::kindsOf)
                : Stream.of(type);
    }

    @Test
    void everyRequestAndResponseComesBackAsItWas() throws Exception {
        RandomFrames random = new RandomFrames(seed("everyRequestAndResponseComesBackAsItWas"));
        for (int i = 0; i < 50; i++) {
            for (ClientRequest request : random.everyRequest()) {
                byte[] bytes = ClientCodec.toFrame(i, request).toByteArray();
                ClientRequestFrame frame = ProtobufCodec.parse(ClientRequestFrame.parser(), bytes);
                assertThat(frame.getCorrelationId()).isEqualTo(i);
                assertThat(ClientCodec.fromFrame(frame))
                        .usingRecursiveComparison()
                        .isEqualTo(request);
            }
            for (ClientResponse response : random.everyResponse()) {
                byte[] bytes = ClientCodec.toFrame(i, response).toByteArray();
                ClientResponseFrame frame = ProtobufCodec.parse(ClientResponseFrame.parser(), bytes);
                assertThat(frame.getCorrelationId()).isEqualTo(i);
                assertThat(ClientCodec.fromFrame(frame))
                        .usingRecursiveComparison()
                        .isEqualTo(response);
            }
        }
    }

    /** Any input gives a message or the one typed exception; anything else that is thrown fails the test. */
    @Test
    @Tag("case-85")
    @Tag("case-86")
    void noInputDoesMoreThanBeRefused() {
        long seed = seed("noInputDoesMoreThanBeRefused");
        Random random = new Random(seed);
        RandomFrames frames = new RandomFrames(seed);
        List<byte[]> valid = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            frames.everyMessage(A, B).forEach(message -> valid.add(ProtobufCodec.encode(message)));
            frames.everyRequest()
                    .forEach(
                            request -> valid.add(ClientCodec.toFrame(1, request).toByteArray()));
            frames.everyResponse()
                    .forEach(response ->
                            valid.add(ClientCodec.toFrame(1, response).toByteArray()));
        }
        int refused = 0;
        for (int i = 0; i < 6_000; i++) {
            byte[] bytes =
                    switch (i % 3) {
                        case 0 -> randomBytes(random);
                        case 1 -> truncated(random, valid.get(random.nextInt(valid.size())));
                        default -> mutated(random, valid.get(random.nextInt(valid.size())));
                    };
            refused += decodeAsAnything(bytes);
        }
        assertThat(refused).isPositive();
    }

    private static int decodeAsAnything(byte[] bytes) {
        int refused = 0;
        List<Decoder> decoders = List.of(
                input -> ProtobufCodec.decodeMessage(input),
                input -> ClientCodec.fromFrame(ProtobufCodec.parse(ClientRequestFrame.parser(), input)),
                input -> ClientCodec.fromFrame(ProtobufCodec.parse(ClientResponseFrame.parser(), input)),
                input -> Handshake.checkSpeaksOurProtocol(ProtobufCodec.parse(Hello.parser(), input)),
                input -> Handshake.readWelcome(
                        ProtobufCodec.parse(HelloReply.parser(), input), ProtocolVersions.CURRENT));
        for (Decoder decoder : decoders) {
            try {
                decoder.decode(bytes.clone());
            } catch (MalformedFrameException expected) {
                refused++;
            }
        }
        return refused;
    }

    private interface Decoder {
        void decode(byte[] bytes) throws MalformedFrameException;
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] truncated(Random random, byte[] valid) {
        return Arrays.copyOf(valid, valid.length == 0 ? 0 : random.nextInt(valid.length));
    }

    private static byte[] mutated(Random random, byte[] valid) {
        byte[] bytes = valid.clone();
        for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @Test
    @Tag("case-86")
    void deepNestingIsRefused() throws IOException {
        ByteArrayOutputStream groups = new ByteArrayOutputStream();
        CodedOutputStream output = CodedOutputStream.newInstance(groups);
        for (int i = 0; i < 100_000; i++) {
            output.writeTag(1000, 3);
        }
        output.flush();
        assertMalformed(groups.toByteArray());
    }

    @Test
    @Tag("case-86")
    void whatFollowsAStrayEndOfGroupIsNotHidden() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(ProtobufCodec.encode(new Message.PreVoteResponse(A, B, 1, true)));
        CodedOutputStream output = CodedOutputStream.newInstance(bytes);
        output.writeTag(1000, 4);
        output.flush();
        assertMalformed(bytes.toByteArray());
    }

    @Test
    void brokenRulesOfAMessageAreRefused() {
        refuses(frame -> frame.setFrom(""));
        refuses(frame -> frame.setFrom("not a node id"));
        refuses(frame -> frame.setTo("a"));
        refuses(frame -> frame.setTerm(-1));
        refuses(frame -> frame.setTerm(0));
        refuses(PeerFrame.Builder::clearMessage);
        refuses(frame -> frame.setKeepAlive(PeerFrame.KeepAlive.getDefaultInstance()));
        refuses(frame -> append(frame).setPrevLogIndex(0));
        refuses(frame -> append(frame).setPrevLogTerm(0));
        refuses(frame -> append(frame).setPrevLogTerm(6));
        refuses(frame -> append(frame).setPrevLogIndex(-1));
        refuses(frame -> append(frame).setLeaderCommit(-1));
        refuses(frame -> append(frame).setRound(-1));
        refuses(frame -> append(frame).setMatchIndex(-1));
        refuses(frame -> entry(frame, 0).setIndex(10));
        refuses(frame -> entry(frame, 1).setIndex(13));
        refuses(frame -> entry(frame, 1).setIndex(-5));
        refuses(frame -> entry(frame, 0).setTerm(0));
        refuses(frame -> entry(frame, 0).setTerm(2));
        refuses(frame -> entry(frame, 1).setTerm(3));
        refuses(frame -> entry(frame, 1).setTerm(6));
        refuses(frame -> entry(frame, 1).setTimeMillis(99));
        refuses(frame -> entry(frame, 1).setTimeMillis(-1));
        refuses(frame -> entry(frame, 0).setTypeValue(0));
        refuses(frame -> entry(frame, 0).setTypeValue(77));
        refuses(frame -> entry(frame, 0).setPayload(ByteString.copyFromUtf8("a no-op has none")));
        refuses(frame -> {
            append(frame).setPrevLogIndex(Long.MAX_VALUE);
            entry(frame, 0).setIndex(Long.MIN_VALUE);
        });
    }

    @Test
    void brokenRulesOfARequestAreRefused() {
        assertRefused(ClientRequestFrame.newBuilder());
        assertRefused(ClientRequestFrame.newBuilder().setRead(ClientRequestFrame.Read.newBuilder()));
        assertRefused(ClientRequestFrame.newBuilder()
                .setRead(ClientRequestFrame.Read.newBuilder().setConsistencyValue(1)));
        assertRefused(ClientRequestFrame.newBuilder()
                .setRead(ClientRequestFrame.Read.newBuilder()
                        .setConsistencyValue(9)
                        .setTimeoutMillis(1)));
        assertRefused(ClientRequestFrame.newBuilder()
                .setRead(ClientRequestFrame.Read.newBuilder()
                        .setConsistencyValue(1)
                        .setTimeoutMillis(-1)));
        assertRefused(ClientRequestFrame.newBuilder()
                .setRead(ClientRequestFrame.Read.newBuilder()
                        .setConsistencyValue(1)
                        .setTimeoutMillis(1)
                        .setMinIndex(-1)));
    }

    private static void assertRefused(ClientRequestFrame.Builder frame) {
        assertThatThrownBy(() -> ClientCodec.fromFrame(frame.build())).isInstanceOf(MalformedFrameException.class);
    }

    private static PeerFrame.AppendEntries.Builder append(PeerFrame.Builder frame) {
        return frame.getAppendEntriesBuilder();
    }

    private static PeerFrame.Entry.Builder entry(PeerFrame.Builder frame, int position) {
        return append(frame).getEntriesBuilder(position);
    }

    private static void refuses(Consumer<PeerFrame.Builder> damage) {
        PeerFrame.Builder frame = PeerFrame.newBuilder().setFrom("a").setTo("b").setTerm(5);
        append(frame).setPrevLogIndex(10).setPrevLogTerm(3).setLeaderCommit(9);
        append(frame)
                .addEntriesBuilder()
                .setIndex(11)
                .setTerm(4)
                .setTimeMillis(100)
                .setType(PeerFrame.Entry.Type.NO_OP);
        append(frame)
                .addEntriesBuilder()
                .setIndex(12)
                .setTerm(5)
                .setTimeMillis(100)
                .setType(PeerFrame.Entry.Type.COMMAND);
        assertThat(catchMalformed(frame.build().toByteArray())).isNull();
        damage.accept(frame);
        assertMalformed(frame.build().toByteArray());
    }

    private static MalformedFrameException catchMalformed(byte[] bytes) {
        try {
            ProtobufCodec.decodeMessage(bytes);
            return null;
        } catch (MalformedFrameException e) {
            return e;
        }
    }

    private static void assertMalformed(byte[] bytes) {
        assertThatThrownBy(() -> ProtobufCodec.decodeMessage(bytes)).isInstanceOf(MalformedFrameException.class);
    }
}
