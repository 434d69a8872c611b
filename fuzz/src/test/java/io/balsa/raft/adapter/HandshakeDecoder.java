package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.helpers.NOPLogger;

/**
 * A connection from its first byte, at the listening and at the dialling side: it is welcomed or closed, nothing escapes
 * from the handlers, and what gets through to Raft is from the peer that was let in.
 */
public final class HandshakeDecoder implements Decoder {
    private static final NodeId SELF = NodeId.of("n2");
    private static final NodeIdentity IDENTITY =
            new NodeIdentity("a", SELF, new byte[NodeIdentity.ID_BYTES], new byte[NodeIdentity.ID_BYTES], "host:7101");
    private static final int MAX_FRAME_BYTES = 4096;
    private static final long TIMEOUT_MILLIS = 1000;

    @Override
    public void decode(byte[] input) {
        Choices choices = new Choices(input);
        boolean isFilled = choices.flip();
        if (choices.flip()) {
            dial(
                    isFilled
                            ? new MessageFiller(choices)
                                    .fill(HelloReply.getDefaultInstance())
                                    .toByteArray()
                            : choices.rest());
        } else if (isFilled) {
            byte[] hello = plausible(new MessageFiller(choices).fill(Hello.getDefaultInstance()), choices)
                    .toByteArray();
            byte[] frame = new MessageFiller(choices)
                    .fill(PeerFrame.getDefaultInstance())
                    .toByteArray();
            accept(hello, frame);
        } else {
            accept(choices.bytes(choices.below(256)), choices.rest());
        }
    }

    /** Most that is made up at random is no Hello of Balsa's at all. */
    private static Hello plausible(Hello hello, Choices choices) {
        return choices.below(4) == 0
                ? hello
                : hello.toBuilder()
                        .setMagic(Handshake.peerHello(IDENTITY, "", IDENTITY.nodeId(), ProtocolVersions.CURRENT)
                                .getMagic())
                        .setMinVersion(1)
                        .setMaxVersion(1 + choices.below(3))
                        .setClusterId("a")
                        .build();
    }

    private static void accept(byte[] hello, byte[] frame) {
        FrameDecoder frames = new FrameDecoder();
        RefusalLog refusals = new RefusalLog(NOPLogger.NOP_LOGGER);
        Received received = new Received();
        PeerGate gate = new PeerGate(
                IDENTITY,
                ProtocolVersions.CURRENT,
                KnownPeers.inMemory(),
                said -> new InboundPeer(
                        SELF, NodeId.of(said.getNodeId()), (group, message) -> received.onMessage(message), refusals),
                MAX_FRAME_BYTES,
                Long.MAX_VALUE,
                () -> 0);
        EmbeddedChannel channel =
                new EmbeddedChannel(frames, new HandshakeAcceptor(gate, frames, refusals, "peer", TIMEOUT_MILLIS));
        feed(channel, hello);
        feed(channel, frame);
        for (Message message : received.messages) {
            Check.that(
                    !message.from().equals(SELF) && message.to().equals(SELF),
                    "a message in another's name: " + message);
        }
        channel.finishAndReleaseAll();
    }

    private static void dial(byte[] reply) {
        FrameDecoder frames = new FrameDecoder();
        List<String> ends = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(
                frames,
                new HandshakeDialer(
                        Handshake.peerHello(IDENTITY, "", IDENTITY.nodeId(), ProtocolVersions.CURRENT),
                        ProtocolVersions.CURRENT,
                        frames,
                        MAX_FRAME_BYTES,
                        TIMEOUT_MILLIS,
                        new HandshakeDialer.Outcome() {
                            @Override
                            public ChannelInboundHandlerAdapter onWelcome(
                                    ChannelHandlerContext context, Handshake.Welcome welcome) {
                                ends.add("welcome to " + welcome);
                                return new ChannelInboundHandlerAdapter();
                            }

                            @Override
                            public void onRefused(String reason, String text) {
                                ends.add(reason + ": " + text);
                            }
                        }));
        feed(channel, reply);
        channel.finishAndReleaseAll();
        Check.that(ends.size() == 1, "a handshake ends once, not so: " + ends);
    }

    /** Writes the bytes as a frame; an exception that the handlers let through fails here. */
    private static void feed(EmbeddedChannel channel, byte[] bytes) {
        if (channel.isOpen()) {
            ByteBuf frame = Unpooled.buffer(FrameDecoder.LENGTH_BYTES + bytes.length);
            channel.writeInbound(frame.writeInt(bytes.length).writeBytes(bytes));
            channel.checkException();
        }
    }

    private static final class Received implements Transport.Receiver {
        private final List<Message> messages = new ArrayList<>();

        @Override
        public boolean onMessage(Message message) {
            return messages.add(message);
        }

        @Override
        public void onUnreachable(NodeId peer) {
            throw new AssertionError("an inbound connection says nothing of reachability: " + peer);
        }
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(40, 200));
        seeds.add(RawInput.of(RawInput.of(RawInput.of(new byte[20]))));
        byte[] welcome = RawInput.of(RawInput.of(Handshake.welcome(IDENTITY, 1).toByteArray()));
        welcome[1] = 1;
        seeds.add(welcome);
        return seeds;
    }
}
