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
import io.netty.util.internal.OutOfDirectMemoryError;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one client: hands its requests to the service, and each answer back as it comes. Those that come together leave
 * together.
 */
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
    // Of any thread: what the service answered, and whether the event loop knows of it.
    private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean answersComing = new AtomicBoolean();
    // The event loop's alone.
    private final Map<Long, ClientRequest> pending = new HashMap<>();
    private ChannelHandlerContext context;
    private Runnable writeAnswers;
    private boolean closing;

    /** An answer on its way to the event loop. */
    private record Answered(long id, ClientRequest request, ClientResponse response) {}

    ServiceConnection(RaftService service, ServiceLimits limits, ByteBudget budget, RefusalLog refusals, String host) {
        this.service = service;
        this.limits = limits;
        this.budget = budget;
        this.refusals = refusals;
        this.host = host;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext newContext) {
        context = newContext;
        writeAnswers = this::writeAnswers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext sameContext, ByteBuf bytes) throws MalformedFrameException {
        if (closing || !context.channel().isActive()) {
            return;
        }
        int size = bytes.readableBytes();
        byte[] content = Scratch.ofThread().ofAtLeast(size);
        bytes.getBytes(bytes.readerIndex(), content, 0, size);
        CommonFrames.Numbered<ClientRequest> common = CommonFrames.readRequest(content, size);
        if (common != null) {
            serve(common.id(), common.content(), size);
            return;
        }
        ClientRequestFrame frame = Frames.decode(ClientRequestFrame.parser(), bytes);
        if (frame.hasKeepAlive()) {
            context.writeAndFlush(Frames.encode(context.alloc(), KEEP_ALIVE));
            return;
        }
        serve(frame.getCorrelationId(), ClientCodec.fromFrame(frame), size);
    }

    private void serve(long id, ClientRequest request, int size) throws MalformedFrameException {
        ProtobufCodec.require(!pending.containsKey(id), "a correlation id that is in use");
        boolean isBusy = pending.size() >= limits.maxRequestsPerConnection() || !budget.tryReserve(size);
        pending.put(id, request);
        if (isBusy) {
            answered(new Answered(id, request, new ClientResponse.Busy()));
            return;
        }
        submit(request).whenComplete((response, failure) -> {
            budget.release(size);
            ClientResponse outcome = failure == null && response != null ? response : failed(request, failure);
            answered(new Answered(id, request, outcome));
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
        try {
            context.executor().execute(task);
        } catch (RejectedExecutionException e) {
            // The threads have ended, and with them the connection: there is nobody to answer.
            LOG.debug("an answer came after the end", e);
        }
    }

    /** From any thread. On the event loop, too, it is written behind what is read now. */
    private void answered(Answered answer) {
        answers.offer(answer);
        if (!answersComing.get() && answersComing.compareAndSet(false, true)) {
            onLoop(context, writeAnswers);
        }
    }

    private void writeAnswers() {
        // First, so that whoever has an answer from now on says so.
        answersComing.set(false);
        FrameBatch batch = FrameBatch.ofThread();
        try {
            for (Answered answer = answers.poll(); answer != null; answer = answers.poll()) {
                // Not if the end of the server has answered it already.
                if (pending.get(answer.id()) == answer.request()) {
                    pending.remove(answer.id());
                    add(batch, answer);
                }
            }
            write(batch);
        } catch (RuntimeException | OutOfDirectMemoryError failure) {
            // What was in the batch is lost, so the client had better hear that it is.
            exceptionCaught(context, failure);
        } finally {
            batch.clear();
        }
        closeWhenDone();
    }

    private void add(FrameBatch batch, Answered answer) {
        long id = answer.id();
        int size = CommonFrames.size(id, answer.response());
        if (size == CommonFrames.NOT_COMMON || size > limits.maxFrameBytes()) {
            ClientResponseFrame frame = ClientCodec.toFrame(id, answer.response());
            size = frame.getSerializedSize();
            batch.add(
                    size > limits.maxFrameBytes() ? ClientCodec.toFrame(id, tooLarge(answer.request(), size)) : frame);
        } else {
            CommonFrames.write(batch.add(size), id, answer.response());
        }
        if (batch.isFull()) {
            write(batch);
        }
    }

    private void write(FrameBatch batch) {
        Channel channel = context.channel();
        if (!channel.isActive()) {
            // Else what follows for a client that was cut off would pile up.
            batch.clear();
        }
        if (batch.isEmpty()) {
            return;
        }
        context.writeAndFlush(batch.take(context.alloc()), channel.voidPromise());
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
        ChannelHandlerContext present = channel.pipeline().context(this);
        if (present == null) {
            channel.close();
            return;
        }
        onLoop(present, () -> {
            closing = true;
            answerAll(false, "the server is stopping");
            writeAnswers();
            context.executor()
                    .schedule(
                            () -> {
                                answerAll(true, "the server stopped before the outcome was known");
                                writeAnswers();
                            },
                            timeoutMillis,
                            TimeUnit.MILLISECONDS);
        });
    }

    private void answerAll(boolean alsoCommands, String reason) {
        pending.forEach((id, request) -> {
            if (alsoCommands || !(request instanceof ClientRequest.Propose)) {
                answers.offer(new Answered(id, request, lost(request, reason)));
            }
        });
    }

    private void closeWhenDone() {
        if (closing && pending.isEmpty()) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext sameContext) {
        // Whoever does not read its answers may not ask for more (case 88).
        context.channel().config().setAutoRead(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext sameContext, Object event) {
        if (event instanceof IdleStateEvent) {
            LOG.debug("closing the connection of {}: no request within {} ms", host, limits.idleTimeoutMillis());
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext sameContext) {
        pending.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext sameContext, Throwable cause) {
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
