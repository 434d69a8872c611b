package io.balsa.raft.adapter;

import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** The listening side of the handshake: waits for a Hello, has it judged, and lets the connection in or closes it. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class HandshakeAcceptor extends SimpleChannelInboundHandler<ByteBuf> {
    /** Judges who comes in. */
    interface Gate {
        /** Called on the event loop of the channel. */
        Decision decide(Hello hello, Channel channel);
    }

    /**
     * What a gate decides.
     *
     * @param peer whom it is about, for the log
     * @param reply what the other side is told
     * @param handler takes the frames that follow a welcome; null if refused
     * @param maxFrameBytes how large these may be
     */
    record Decision(String peer, HelloReply reply, ChannelHandler handler, int maxFrameBytes) {}

    private final Gate gate;
    private final FrameDecoder decoder;
    private final RefusalLog refusals;
    private final String port;
    private final long timeoutMillis;
    private ScheduledFuture<?> deadline;
    private boolean refused;

    /**
     * @param port what the log calls the port
     */
    HandshakeAcceptor(Gate gate, FrameDecoder decoder, RefusalLog refusals, String port, long timeoutMillis) {
        this.gate = gate;
        this.decoder = decoder;
        this.refusals = refusals;
        this.port = port;
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(
                        () -> refuse(context, "SLOW", "it sent no handshake within " + timeoutMillis + " ms"),
                        timeoutMillis,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.cancel(false);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws MalformedFrameException {
        if (refused) {
            return;
        }
        Hello hello = Frames.decode(Hello.parser(), frame);
        Handshake.checkSpeaksOurProtocol(hello);
        Decision decision = gate.decide(hello, context.channel());
        ByteBuf reply = Frames.encode(context.alloc(), decision.reply());
        if (decision.reply().getVerdict() == HelloReply.Verdict.WELCOME) {
            decoder.setMaxFrameBytes(decision.maxFrameBytes());
            context.writeAndFlush(reply);
            context.pipeline().replace(this, null, decision.handler());
        } else {
            refused = true;
            HelloReply.Verdict verdict = decision.reply().getVerdict();
            refusals.warn(
                    decision.peer(),
                    verdict.name(),
                    "refused a connection of " + decision.peer() + " to the " + port + " port: " + verdict + ", "
                            + decision.reply().getReason());
            context.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable failure = Frames.unwrap(cause);
        if (failure instanceof MalformedFrameException) {
            refuse(context, "MALFORMED", "it sent " + failure.getMessage() + " instead of a handshake");
        } else if (failure instanceof IOException) {
            // The other side went away before it said who it is: no news.
            context.close();
        } else {
            refuse(context, "FAILED", "its handshake failed with " + failure);
        }
    }

    private void refuse(ChannelHandlerContext context, String reason, String text) {
        String host = hostOf(context.channel());
        if (!refused) {
            refused = true;
            refusals.warn(host, reason, "closed a connection of " + host + " to the " + port + " port: " + text);
        }
        context.close();
    }

    /** The address of the other side without its port. */
    static String hostOf(Channel channel) {
        SocketAddress remote = channel.remoteAddress();
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "an unknown host";
    }
}
