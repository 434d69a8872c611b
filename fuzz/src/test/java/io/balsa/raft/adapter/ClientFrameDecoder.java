package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What clients ask and what they are answered: what is taken can be sent again, and is then the same. */
public final class ClientFrameDecoder implements Decoder {
    @Override
    public void decode(byte[] input) throws Exception {
        Choices choices = new Choices(input);
        boolean isFilled = choices.flip();
        try {
            if (choices.flip()) {
                response(
                        isFilled
                                ? new MessageFiller(choices)
                                        .fill(ClientResponseFrame.getDefaultInstance())
                                        .toByteArray()
                                : choices.rest());
            } else {
                request(
                        isFilled
                                ? new MessageFiller(choices)
                                        .fill(ClientRequestFrame.getDefaultInstance())
                                        .toByteArray()
                                : choices.rest());
            }
        } catch (MalformedFrameException refused) {
            Check.that(!refused.getMessage().isEmpty(), "a refusal says why");
        }
    }

    /** So many bytes more lie behind the frame. */
    private static final int LEFT_BEHIND = 100;

    private static byte[] withMoreBehind(byte[] bytes) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + LEFT_BEHIND);
        Arrays.fill(longer, bytes.length, longer.length, (byte) -1);
        return longer;
    }

    /** What is read by hand is what the generated code reads, whatever lies behind it. */
    private static void checkRequestByHand(byte[] bytes) {
        CommonFrames.Numbered<ClientRequest> byHand = CommonFrames.readRequest(withMoreBehind(bytes), bytes.length);
        if (byHand != null) {
            Check.same(
                    ClientCodec.toFrame(byHand.id(), readAgain(bytes.clone())).toByteArray(),
                    ClientCodec.toFrame(byHand.id(), byHand.content()).toByteArray(),
                    "a request that is read by hand");
        }
    }

    /** The same for responses. */
    private static void checkResponseByHand(byte[] bytes) {
        CommonFrames.Numbered<ClientResponse> byHand = CommonFrames.readResponse(withMoreBehind(bytes), bytes.length);
        if (byHand != null) {
            Check.same(
                    ClientCodec.toFrame(byHand.id(), answerAgain(bytes.clone())).toByteArray(),
                    ClientCodec.toFrame(byHand.id(), byHand.content()).toByteArray(),
                    "a response that is read by hand");
        }
    }

    private static void request(byte[] bytes) throws MalformedFrameException {
        checkRequestByHand(bytes);
        ClientRequestFrame frame = ProtobufCodec.parse(ClientRequestFrame.parser(), bytes);
        ClientRequest request = ClientCodec.fromFrame(frame);
        ClientRequestFrame encoded = ClientCodec.toFrame(frame.getCorrelationId(), request);
        ClientRequest again = readAgain(encoded.toByteArray());
        Check.that(encoded.equals(ClientCodec.toFrame(frame.getCorrelationId(), again)), request + " became " + again);
    }

    private static ClientRequest readAgain(byte[] bytes) {
        try {
            return ClientCodec.fromFrame(ProtobufCodec.parse(ClientRequestFrame.parser(), bytes));
        } catch (MalformedFrameException e) {
            throw new AssertionError("what was taken is refused when it is sent again", e);
        }
    }

    private static void response(byte[] bytes) throws MalformedFrameException {
        checkResponseByHand(bytes);
        ClientResponseFrame frame = ProtobufCodec.parse(ClientResponseFrame.parser(), bytes);
        ClientResponse response = ClientCodec.fromFrame(frame);
        ClientResponseFrame encoded = ClientCodec.toFrame(frame.getCorrelationId(), response);
        ClientResponse again = answerAgain(encoded.toByteArray());
        Check.that(encoded.equals(ClientCodec.toFrame(frame.getCorrelationId(), again)), response + " became " + again);
    }

    private static ClientResponse answerAgain(byte[] bytes) {
        try {
            return ClientCodec.fromFrame(ProtobufCodec.parse(ClientResponseFrame.parser(), bytes));
        } catch (MalformedFrameException e) {
            throw new AssertionError("what was taken is refused when it is sent again", e);
        }
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(20, 200));
        MessageFiller.takenForEachCase(
                        ClientRequestFrame.getDefaultInstance(),
                        "request",
                        List.of("keep_alive"),
                        List.of(),
                        ClientFrameDecoder::isRequest)
                .forEach(bytes -> seeds.add(direction(0, bytes)));
        MessageFiller.takenForEachCase(
                        ClientResponseFrame.getDefaultInstance(),
                        "response",
                        List.of("keep_alive"),
                        List.of(),
                        ClientFrameDecoder::isResponse)
                .forEach(bytes -> seeds.add(direction(1, bytes)));
        return seeds;
    }

    private static byte[] direction(int which, byte[] bytes) {
        byte[] input = RawInput.of(RawInput.of(bytes));
        input[1] = (byte) which;
        return input;
    }

    private static boolean isRequest(byte[] bytes) {
        try {
            return ClientCodec.fromFrame(ProtobufCodec.parse(ClientRequestFrame.parser(), bytes.clone())) != null;
        } catch (MalformedFrameException refused) {
            return false;
        }
    }

    private static boolean isResponse(byte[] bytes) {
        try {
            return ClientCodec.fromFrame(ProtobufCodec.parse(ClientResponseFrame.parser(), bytes.clone())) != null;
        } catch (MalformedFrameException refused) {
            return false;
        }
    }
}
