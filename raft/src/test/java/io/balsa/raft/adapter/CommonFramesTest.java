package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** What is written and read by hand is what the generated code writes and reads. */
class CommonFramesTest {
    private static final long[] IDS = {0, 1, 127, 128, Long.MAX_VALUE, -1};

    private static long seed() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.out.println("CommonFramesTest: seed " + seed);
        return seed;
    }

    private static byte[] written(long id, ClientRequest request) {
        byte[] bytes = new byte[CommonFrames.size(id, request)];
        CommonFrames.write(CodedOutputStream.newInstance(bytes), id, request);
        return bytes;
    }

    private static byte[] written(long id, ClientResponse response) {
        byte[] bytes = new byte[CommonFrames.size(id, response)];
        CommonFrames.write(CodedOutputStream.newInstance(bytes), id, response);
        return bytes;
    }

    private static boolean isCommon(ClientRequest request) {
        return request instanceof ClientRequest.Propose || request instanceof ClientRequest.Read;
    }

    private static boolean isCommon(ClientResponse response) {
        return response instanceof ClientResponse.Applied || response instanceof ClientResponse.Answer;
    }

    @Test
    void theBytesOfRequestsAreThoseOfTheGeneratedCode() {
        RandomFrames random = new RandomFrames(seed());
        for (int round = 0; round < 100; round++) {
            for (ClientRequest request : random.everyRequest()) {
                for (long id : IDS) {
                    byte[] generated = ClientCodec.toFrame(id, request).toByteArray();
                    CommonFrames.Numbered<ClientRequest> read = CommonFrames.readRequest(generated, generated.length);
                    if (!isCommon(request)) {
                        assertThat(CommonFrames.size(id, request)).isEqualTo(CommonFrames.NOT_COMMON);
                        assertThat(read).isNull();
                        continue;
                    }
                    assertThat(written(id, request)).isEqualTo(generated);
                    assertThat(read.id()).isEqualTo(id);
                    assertThat(written(id, read.content())).isEqualTo(generated);
                }
            }
        }
    }

    @Test
    void theBytesOfResponsesAreThoseOfTheGeneratedCode() {
        RandomFrames random = new RandomFrames(seed());
        for (int round = 0; round < 100; round++) {
            for (ClientResponse response : random.everyResponse()) {
                for (long id : IDS) {
                    byte[] generated = ClientCodec.toFrame(id, response).toByteArray();
                    CommonFrames.Numbered<ClientResponse> read = CommonFrames.readResponse(generated, generated.length);
                    if (!isCommon(response)) {
                        assertThat(CommonFrames.size(id, response)).isEqualTo(CommonFrames.NOT_COMMON);
                        assertThat(read).isNull();
                        continue;
                    }
                    assertThat(written(id, response)).isEqualTo(generated);
                    assertThat(read.id()).isEqualTo(id);
                    assertThat(written(id, read.content())).isEqualTo(generated);
                }
            }
        }
    }

    @Test
    void whatLiesBehindAFrameIsNotRead() {
        byte[] frame = written(7, new ClientRequest.Propose(new byte[] {1, 2, 3}));
        byte[] longer = Arrays.copyOf(frame, frame.length + 20);
        Arrays.fill(longer, frame.length, longer.length, (byte) -1);
        assertThat(CommonFrames.readRequest(longer, frame.length).content())
                .isInstanceOfSatisfying(ClientRequest.Propose.class, propose -> assertThat(propose.command())
                        .containsExactly(1, 2, 3));
    }

    /** However a frame is damaged: what is read by hand, the generated code reads the same. */
    @Test
    void bothReadDamagedBytesTheSame() throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        RandomFrames frames = new RandomFrames(seed);
        int read = 0;
        int left = 0;
        for (int round = 0; round < 2_000; round++) {
            List<byte[]> requests = new ArrayList<>();
            frames.everyRequest().stream()
                    .filter(CommonFramesTest::isCommon)
                    .forEach(request -> requests.add(written(round(random), request)));
            for (byte[] bytes : requests) {
                damage(bytes, random);
                CommonFrames.Numbered<ClientRequest> byHand = CommonFrames.readRequest(bytes, bytes.length);
                if (byHand == null) {
                    left++;
                } else {
                    read++;
                    ClientRequestFrame frame = ProtobufCodec.parse(ClientRequestFrame.parser(), bytes.clone());
                    assertThat(frame.getCorrelationId()).as("seed %d", seed).isEqualTo(byHand.id());
                    assertThat(ClientCodec.toFrame(byHand.id(), ClientCodec.fromFrame(frame)))
                            .as("seed %d", seed)
                            .isEqualTo(ClientCodec.toFrame(byHand.id(), byHand.content()));
                }
            }
            List<byte[]> responses = new ArrayList<>();
            frames.everyResponse().stream()
                    .filter(CommonFramesTest::isCommon)
                    .forEach(response -> responses.add(written(round(random), response)));
            for (byte[] bytes : responses) {
                damage(bytes, random);
                CommonFrames.Numbered<ClientResponse> byHand = CommonFrames.readResponse(bytes, bytes.length);
                if (byHand == null) {
                    left++;
                } else {
                    read++;
                    ClientResponseFrame frame = ProtobufCodec.parse(ClientResponseFrame.parser(), bytes.clone());
                    assertThat(frame.getCorrelationId()).as("seed %d", seed).isEqualTo(byHand.id());
                    assertThat(ClientCodec.toFrame(byHand.id(), ClientCodec.fromFrame(frame)))
                            .as("seed %d", seed)
                            .isEqualTo(ClientCodec.toFrame(byHand.id(), byHand.content()));
                }
            }
        }
        assertThat(List.of(read, left)).allSatisfy(count -> assertThat(count).isPositive());
    }

    private static long round(Random random) {
        return random.nextLong() >>> random.nextInt(Long.SIZE);
    }

    private static void damage(byte[] bytes, Random random) {
        for (int change = random.nextInt(3); change >= 0; change--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
    }
}
