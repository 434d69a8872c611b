package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.proto.PeerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;

/** Takes the messages that one peer sends, for all groups, on the connection that it opened. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class InboundPeer extends SimpleChannelInboundHandler<ByteBuf> implements PeerGate.Session {
    /** Hands messages over to the groups that they are for. */
    @FunctionalInterface
    interface Groups {
        /** A message arrived; dropped if nobody here takes it. Must not block. */
        void onMessage(String group, Message message);
    }

    private static final PeerFrame KEEP_ALIVE = PeerFrame.newBuilder()
            .setKeepAlive(PeerFrame.KeepAlive.getDefaultInstance())
            .build();

    private final NodeId self;
    private final NodeId peer;
    private final Groups groups;
    private final RefusalLog refusals;
    private final Scratch scratch = new Scratch();
    private volatile long lastReadNanos = System.nanoTime();

    InboundPeer(NodeId self, NodeId peer, Groups groups, RefusalLog refusals) {
        this.self = self;
        this.peer = peer;
        this.groups = groups;
        this.refusals = refusals;
    }

    @Override
    public long lastReadNanos() {
        return lastReadNanos;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws MalformedFrameException {
        if (!context.channel().isActive()) {
            return;
        }
        lastReadNanos = System.nanoTime();
        AppendEntriesCodec.Addressed append = AppendEntriesCodec.decode(bytes, scratch);
        if (append != null) {
            deliver(append.group(), append.message());
            return;
        }
        PeerFrame frame = Frames.decode(PeerFrame.parser(), bytes);
        if (frame.hasKeepAlive()) {
            if (context.channel().isWritable()) {
                context.writeAndFlush(Frames.encode(context.alloc(), KEEP_ALIVE));
            }
            return;
        }
        deliver(ProtobufCodec.group(frame), ProtobufCodec.fromFrame(frame));
    }

    private void deliver(String group, Message message) throws MalformedFrameException {
        // Who speaks is settled by the handshake; a message in another's name would undo it.
        ProtobufCodec.require(
                message.from().equals(peer) && message.to().equals(self),
                "a message from " + message.from() + " to " + message.to());
        // Dropped when it is too busy: Raft sends again what matters.
        groups.onMessage(group, message);
    }

    static PeerFrame keepAlive() {
        return KEEP_ALIVE;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable failure = Frames.unwrap(cause);
        if (failure instanceof MalformedFrameException) {
            refusals.warn(
                    peer.value(),
                    "MALFORMED",
                    "closed a connection of node " + peer + ": it sent " + failure.getMessage());
        } else if (!(failure instanceof IOException)) {
            refusals.warn(peer.value(), "FAILED", "closed a connection of node " + peer + ": " + failure);
        }
        context.close();
    }
}
