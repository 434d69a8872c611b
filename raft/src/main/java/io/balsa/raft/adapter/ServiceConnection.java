package io.balsa.raft.adapter;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one client: hands its requests to the service, and each answer back as it comes. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class ServiceConnection extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceConnection.class);
    private static final ClientResponseFrame KEEP_ALIVE = ClientResponseFrame.newBuilder()
            .setKeepAlive(ClientResponseFrame.KeepAlive.getDefaultInstance())
            .build();

    private final RaftService service;
    private final ServiceLimits limits;
    private final ByteBudget budget;
    private final RefusalLog refusals;
    private final String host;
    // The event loop's alone.
    private final Map<Long, ClientRequest> pending = new HashMap<>();
    private boolean closing;

    ServiceConnection(RaftService service, ServiceLimits limits, ByteBudget budget, RefusalLog refusals, String host) {
        this.service = service;
        this.limits = limits;
        this.budget = budget;
        this.refusals = refusals;
        this.host = host;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws MalformedFrameException {
        if (closing || !context.channel().isActive()) {
            return;
        }
        ClientRequestFrame frame = Frames.decode(ClientRequestFrame.parser(), bytes);
        if (frame.hasKeepAlive()) {
            context.writeAndFlush(Frames.encode(context.alloc(), KEEP_ALIVE));
            return;
        }
        long id = frame.getCorrelationId();
        ClientRequest request = ClientCodec.fromFrame(frame);
        ProtobufCodec.require(!pending.containsKey(id), "a correlation id that is in use");
        int size = bytes.readableBytes();
        if (pending.size() >= limits.maxRequestsPerConnection() || !budget.tryReserve(size)) {
            write(context, id, request, new ClientResponse.Busy());
            return;
        }
        pending.put(id, request);
        CompletableFuture<ClientResponse> answer = submit(request);
        answer.whenComplete((response, failure) -> {
            budget.release(size);
            ClientResponse outcome = failure == null && response != null ? response : failed(request, failure);
            onLoop(context, () -> answer(context, id, request, outcome));
        });
    }

    private CompletableFuture<ClientResponse> submit(ClientRequest request) {
        try {
            return service.submit(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static ClientResponse failed(ClientRequest request, Throwable failure) {
        LOG.error("a request failed that should have been answered", failure);
        return lost(request, "the server failed to answer");
    }

    /** What to say when the service has not: a command may have been applied, a read has no effect anyway. */
    private static ClientResponse lost(ClientRequest request, String reason) {
        return request instanceof ClientRequest.Propose
                ? new ClientResponse.Unknown(reason)
                : new ClientResponse.Unavailable(reason);
    }

    private static void onLoop(ChannelHandlerContext context, Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
            return;
        }
        try {
            context.executor().execute(task);
        } catch (RejectedExecutionException e) {
            // The threads have ended, and with them the connection: there is nobody to answer.
            LOG.debug("an answer came after the end", e);
        }
    }

    private void answer(ChannelHandlerContext context, long id, ClientRequest request, ClientResponse response) {
        // Not if the end of the server has answered it already.
        if (pending.remove(id, request)) {
            write(context, id, request, response);
            closeWhenDone(context);
        }
    }

    private void write(ChannelHandlerContext context, long id, ClientRequest request, ClientResponse response) {
        Channel channel = context.channel();
        if (!channel.isActive()) {
            return;
        }
        ClientResponseFrame frame = ClientCodec.toFrame(id, response);
        if (frame.getSerializedSize() > limits.maxFrameBytes()) {
            frame = ClientCodec.toFrame(id, tooLarge(request, frame.getSerializedSize()));
        }
        context.writeAndFlush(Frames.encode(context.alloc(), frame));
        if (channel.bytesBeforeWritable() > limits.maxUnsentBytes()) {
            refusals.warn(
                    host,
                    "TOO_SLOW",
                    "closed a client connection of " + host + ": it does not read its answers, and more than "
                            + limits.maxUnsentBytes() + " bytes of them wait");
            context.close();
        }
    }

    private ClientResponse tooLarge(ClientRequest request, int size) {
        String reason =
                "the answer has " + size + " bytes, more than the " + limits.maxFrameBytes() + " that are allowed";
        return request instanceof ClientRequest.Propose
                ? new ClientResponse.Unknown(reason)
                : new ClientResponse.Invalid(reason);
    }

    /** Answers waiting reads at once, and commands as they are done; then, or when the time is over, closes. */
    void closeGracefully(Channel channel, long timeoutMillis) {
        ChannelHandlerContext context = channel.pipeline().context(this);
        if (context == null) {
            channel.close();
            return;
        }
        onLoop(context, () -> {
            closing = true;
            answerAll(context, false, "the server is stopping");
            closeWhenDone(context);
            context.executor()
                    .schedule(
                            () -> {
                                answerAll(context, true, "the server stopped before the outcome was known");
                                closeWhenDone(context);
                            },
                            timeoutMillis,
                            TimeUnit.MILLISECONDS);
        });
    }

    private void answerAll(ChannelHandlerContext context, boolean alsoCommands, String reason) {
        for (Map.Entry<Long, ClientRequest> entry : List.copyOf(pending.entrySet())) {
            ClientRequest request = entry.getValue();
            if (alsoCommands || !(request instanceof ClientRequest.Propose)) {
                pending.remove(entry.getKey());
                write(context, entry.getKey(), request, lost(request, reason));
            }
        }
    }

    private void closeWhenDone(ChannelHandlerContext context) {
        if (closing && pending.isEmpty()) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        // Whoever does not read its answers may not ask for more (case 88).
        context.channel().config().setAutoRead(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            LOG.debug("closing the connection of {}: no request within {} ms", host, limits.idleTimeoutMillis());
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        pending.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable failure = Frames.unwrap(cause);
        if (failure instanceof MalformedFrameException) {
            refusals.warn(
                    host, "MALFORMED", "closed a client connection of " + host + ": it sent " + failure.getMessage());
        } else if (!(failure instanceof IOException)) {
            refusals.warn(host, "FAILED", "closed a client connection of " + host + ": " + failure);
        }
        context.close();
    }
}
