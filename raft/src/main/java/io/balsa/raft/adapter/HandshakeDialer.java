package io.balsa.raft.adapter;

import io.balsa.raft.port.Exclusion;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The dialling side of the handshake: says Hello and waits for the verdict. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class HandshakeDialer extends SimpleChannelInboundHandler<ByteBuf> {
    /** Learns how it went, on the event loop. The channel is closed after a failure, not after a refusal of its own. */
    interface Outcome {
        /**
         * The other side welcomes us.
         *
         * @return takes the frames that follow; null to close, for example because it is not whom we wanted
         */
        ChannelHandler onWelcome(ChannelHandlerContext context, Handshake.Welcome welcome);

        /**
         * The other side does not let us in, and will not as long as both are what they are. Said before {@link #onRefused}.
         *
         * @param text what it says about it
         */
        default void onExcluded(Exclusion.Reason reason, String text) {}

        /**
         * There will be no connection.
         *
         * @param reason a word for the kind of failure
         */
        void onRefused(String reason, String text);
    }

    private final Hello hello;
    private final ProtocolVersions versions;
    private final FrameDecoder decoder;
    private final int maxFrameBytes;
    private final long timeoutMillis;
    private final Outcome outcome;
    private ScheduledFuture<?> deadline;
    private boolean decided;

    HandshakeDialer(
            Hello hello,
            ProtocolVersions versions,
            FrameDecoder decoder,
            int maxFrameBytes,
            long timeoutMillis,
            Outcome outcome) {
        this.hello = hello;
        this.versions = versions;
        this.decoder = decoder;
        this.maxFrameBytes = maxFrameBytes;
        this.timeoutMillis = timeoutMillis;
        this.outcome = outcome;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(Frames.encode(context.alloc(), hello));
        deadline = context.executor()
                .schedule(
                        () -> fail(context, "SLOW", "no answer to the handshake within " + timeoutMillis + " ms"),
                        timeoutMillis,
                        TimeUnit.MILLISECONDS);
        context.fireChannelActive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws MalformedFrameException {
        if (decided) {
            return;
        }
        HelloReply reply = Frames.decode(HelloReply.parser(), frame);
        HelloReply.Verdict verdict = reply.getVerdict();
        if (verdict == HelloReply.Verdict.UNSPECIFIED || verdict == HelloReply.Verdict.UNRECOGNIZED) {
            throw new MalformedFrameException("a verdict that this version does not know");
        }
        if (verdict != HelloReply.Verdict.WELCOME) {
            refused(context, verdict, Frames.printableText(reply.getReason()));
            return;
        }
        Handshake.Welcome welcome = Handshake.readWelcome(reply, versions);
        decided = true;
        ChannelHandler next = outcome.onWelcome(context, welcome);
        if (next == null) {
            context.close();
        } else {
            decoder.setMaxFrameBytes(maxFrameBytes);
            context.pipeline().replace(this, null, next);
        }
    }

    private void refused(ChannelHandlerContext context, HelloReply.Verdict verdict, String text) {
        if (verdict == HelloReply.Verdict.REMOVED) {
            outcome.onExcluded(Exclusion.Reason.REMOVED, text);
        } else if (verdict == HelloReply.Verdict.OTHER_DIRECTORY) {
            outcome.onExcluded(Exclusion.Reason.REFUSED, text);
        }
        fail(context, verdict.name(), verdict + ": " + text);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context, "CLOSED", "the connection was closed during the handshake");
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable failure = Frames.unwrap(cause);
        if (failure instanceof MalformedFrameException) {
            fail(context, "MALFORMED", "it answered with " + failure.getMessage());
        } else {
            fail(context, "FAILED", "the handshake failed with " + failure);
        }
    }

    private void fail(ChannelHandlerContext context, String reason, String text) {
        if (!decided) {
            decided = true;
            outcome.onRefused(reason, text);
        }
        context.close();
    }
}
