package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.core.ConfigurationDecoder;
import io.balsa.raft.core.Message;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Messages between servers: what is taken is a message that can be sent again, and is then the same. */
public final class PeerMessageDecoder implements Decoder {
    /** Configurations travel as bytes within a message. */
    private static final List<byte[]> CONFIGURATIONS = ConfigurationDecoder.configurations();

    /** So many bytes more had the frame before. */
    private static final int LEFT_BEHIND = 100;

    @Override
    public void decode(byte[] input) throws Exception {
        Choices choices = new Choices(input);
        byte[] bytes = choices.flip()
                ? new MessageFiller(choices, CONFIGURATIONS)
                        .fill(PeerFrame.getDefaultInstance())
                        .toByteArray()
                : choices.rest();
        checkShortcut(bytes);
        Message message;
        try {
            message = ProtobufCodec.decodeMessage(bytes);
        } catch (MalformedFrameException refused) {
            return;
        }
        byte[] encoded = ProtobufCodec.encode(message);
        Message again = ProtobufCodec.decodeMessage(encoded.clone());
        Check.that(again.getClass() == message.getClass(), message + " became " + again);
        Check.same(encoded, ProtobufCodec.encode(again), "a message");
    }

    /** Nothing that an earlier frame left behind gets into the one that is read from the network. */
    private static void checkShortcut(byte[] bytes) {
        Scratch scratch = new Scratch();
        Arrays.fill(scratch.ofAtLeast(bytes.length + LEFT_BEHIND), (byte) -1);
        AppendEntriesCodec.Addressed expected = AppendEntriesCodec.decode(bytes);
        AppendEntriesCodec.Addressed read = AppendEntriesCodec.decode(Unpooled.wrappedBuffer(bytes), scratch);
        Check.that((read == null) == (expected == null), read + " was read, and not " + expected);
        if (expected != null) {
            Check.same(encode(expected), encode(read), "a message that is read from the network");
        }
    }

    private static byte[] encode(AppendEntriesCodec.Addressed read) {
        return AppendEntriesCodec.encode(read.group(), read.message());
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        Set<Class<?>> reached = new HashSet<>();
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(20, 200));
        List<byte[]> messages = MessageFiller.takenForEachCase(
                PeerFrame.getDefaultInstance(),
                "message",
                List.of("keep_alive"),
                CONFIGURATIONS,
                bytes -> isMessage(bytes.clone(), reached));
        messages.forEach(bytes -> seeds.add(RawInput.of(bytes)));
        Check.that(
                reached.containsAll(Arrays.asList(Message.class.getPermittedSubclasses())),
                "of all messages only these are decoded from seeds: " + reached);
        return seeds;
    }

    private static boolean isMessage(byte[] bytes, Set<Class<?>> reached) {
        try {
            reached.add(ProtobufCodec.decodeMessage(bytes).getClass());
            return true;
        } catch (MalformedFrameException refused) {
            return false;
        }
    }
}
