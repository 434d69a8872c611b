package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.proto.ClientRequestFrame;
import io.balsa.raft.proto.ClientResponseFrame;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server behind its client port. Connects when there is something to ask, asks without waiting for earlier answers,
 * and tells, when the connection breaks, what has certainly not been applied from what may have been. What is not marked
 * otherwise belongs to one event loop.
 */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
public final class NettyRaftService implements RaftService, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyRaftService.class);
    /** The end of a request may be told so much later, with others. */
    private static final long TIMEOUT_GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long CLOSE_TIMEOUT_SECONDS = 5;
    private static final ClientRequestFrame KEEP_ALIVE = ClientRequestFrame.newBuilder()
            .setKeepAlive(ClientRequestFrame.KeepAlive.getDefaultInstance())
            .build();

    /** A request that waits for its answer. */
    private static final class Pending extends CompletableFuture<ClientResponse> {
        final long id;
        final ClientRequest request;
        /** What {@link CommonFrames} does not write; else null. */
        final ClientRequestFrame frame;

        final int size;
        boolean written;
        long endNanos;

        Pending(long id, ClientRequest request) {
            this.id = id;
            this.request = request;
            int common = CommonFrames.size(id, request);
            boolean isCommon = common != CommonFrames.NOT_COMMON;
            frame = isCommon ? null : ClientCodec.toFrame(id, request);
            size = isCommon ? common : frame.getSerializedSize();
        }

        void addTo(FrameBatch batch) {
            if (frame == null) {
                CommonFrames.write(batch.add(size), id, request);
            } else {
                batch.add(frame);
            }
        }
    }

    private final HostAndPort address;
    private final String clusterId;
    private final ServiceConnectionLimits limits;
    private final ProtocolVersions versions;
    private final NetworkThreads threads;
    private final boolean ownsThreads;
    private final byte[] bootId = NodeIdentity.randomId();
    private final RefusalLog refusals = new RefusalLog(LOG);
    private final EventLoop loop;
    // Shared.
    private final AtomicLong lastId = new AtomicLong();
    private final ByteBudget budget;
    /** Those that the event loop has not seen yet, and whether it is about to look at them. */
    private final Queue<Pending> submitted = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean entering = new AtomicBoolean();
    private final Runnable enterSubmitted = this::enterSubmitted;
    private volatile Optional<Handshake.Welcome> server = Optional.empty();
    private volatile boolean closed;
    // The event loop's alone. The numbers are in the order of the requests.
    private final Map<Long, Pending> pending = new HashMap<>();
    private final TimeOuts timeOuts = new TimeOuts();
    private Channel channel;
    private boolean ready;
    private boolean connecting;
    private int attempt;
    private long retryNanos = System.nanoTime();
    private String lastFailure = "";

    /**
     * A connection with a thread of its own.
     *
     * @param clusterId refuses to speak to a server of another cluster; empty for any
     */
    public NettyRaftService(HostAndPort address, String clusterId, ServiceConnectionLimits limits) {
        this(address, clusterId, limits, ProtocolVersions.CURRENT, NetworkThreads.create("client", 1), true);
    }

    /** A connection on threads that it shares, and that stay when it is closed. */
    public NettyRaftService(
            HostAndPort address, String clusterId, ServiceConnectionLimits limits, NetworkThreads threads) {
        this(address, clusterId, limits, ProtocolVersions.CURRENT, threads, false);
    }

    NettyRaftService(
            HostAndPort address,
            String clusterId,
            ServiceConnectionLimits limits,
            ProtocolVersions versions,
            NetworkThreads threads,
            boolean ownsThreads) {
        this.address = Objects.requireNonNull(address, "address");
        this.clusterId = Objects.requireNonNull(clusterId, "clusterId");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.versions = versions;
        this.threads = threads;
        this.ownsThreads = ownsThreads;
        this.loop = threads.nextLoop();
        this.budget = new ByteBudget(limits.maxRequests(), limits.maxRequestBytes());
    }

    /** Where it connects to. */
    public HostAndPort address() {
        return address;
    }

    /** The node that answered at the last connection; empty before the first. */
    public Optional<NodeId> serverNodeId() {
        return server.map(Handshake.Welcome::nodeId);
    }

    /** The cluster of the node that answered at the last connection; empty before the first. */
    public Optional<String> serverClusterId() {
        return server.map(Handshake.Welcome::clusterId);
    }

    /** {@code host:port} where that node says that it takes clients; empty if it has not said so. */
    public String serverClientAddress() {
        return server.map(Handshake.Welcome::clientAddress).orElse("");
    }

    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        Pending entry = new Pending(lastId.incrementAndGet(), request);
        if (entry.size > limits.maxFrameBytes()) {
            return CompletableFuture.completedFuture(new ClientResponse.Invalid("the request has " + entry.size
                    + " bytes, more than the " + limits.maxFrameBytes() + " that are allowed"));
        }
        if (closed) {
            return CompletableFuture.completedFuture(notSent("the connection is closed"));
        }
        if (!budget.tryReserve(entry.size)) {
            return CompletableFuture.completedFuture(new ClientResponse.Busy());
        }
        submitted.offer(entry);
        askToEnter();
        return entry;
    }

    private void askToEnter() {
        if (!entering.get() && entering.compareAndSet(false, true)) {
            try {
                loop.execute(enterSubmitted);
            } catch (RejectedExecutionException e) {
                refuseSubmitted("the network threads have ended");
            }
        }
    }

    private ClientResponse notSent(String reason) {
        return new ClientResponse.Unavailable(address + ": " + reason);
    }

    private void finish(Pending entry, ClientResponse response) {
        budget.release(entry.size);
        entry.complete(response);
    }

    private void refuseSubmitted(String reason) {
        entering.set(false);
        for (Pending entry = submitted.poll(); entry != null; entry = submitted.poll()) {
            finish(entry, notSent(reason));
        }
    }

    // ---- the event loop --------------------------------------------------------------------------------------------

    /** All that were submitted since the last time leave together. */
    private void enterSubmitted() {
        // First, so that whoever submits from now on says so.
        entering.set(false);
        FrameBatch batch = FrameBatch.ofThread();
        try {
            for (Pending entry = submitted.poll(); entry != null; entry = submitted.poll()) {
                enter(entry, batch);
            }
            write(batch);
        } catch (RuntimeException | OutOfDirectMemoryError failure) {
            LOG.warn("could not send to {}: closing the connection", address, failure);
            if (channel != null) {
                channel.close();
            }
        } finally {
            batch.clear();
        }
        if (!submitted.isEmpty()) {
            askToEnter();
        }
    }

    private void enter(Pending entry, FrameBatch batch) {
        if (closed) {
            finish(entry, notSent("the connection is closed"));
            return;
        }
        if (channel == null && !connecting && System.nanoTime() - retryNanos < 0) {
            // Many requests must not mean many attempts.
            finish(entry, notSent(lastFailure));
            return;
        }
        pending.put(entry.id, entry);
        timeOuts.add(entry);
        if (ready) {
            add(entry, batch);
        } else if (channel == null && !connecting) {
            connect();
        }
    }

    private long timeoutMillis(ClientRequest request) {
        if (request instanceof ClientRequest.Read read) {
            // A read that the server parks for long still ends here, if its answer is lost.
            long longest = Long.MAX_VALUE / 2 - limits.requestTimeoutMillis();
            return Math.min(TimeUnit.DAYS.toMillis(365), Math.min(longest, read.timeoutMillis()))
                    + limits.requestTimeoutMillis();
        }
        return limits.requestTimeoutMillis();
    }

    private void timeOut(Pending entry) {
        String reason = "no answer within " + timeoutMillis(entry.request) + " ms";
        finish(
                entry,
                entry.written && entry.request instanceof ClientRequest.Read
                        ? new ClientResponse.ReadTimedOut()
                        : lost(entry, reason));
    }

    /**
     * Ends requests whose time is over, by one timer for all: nearly all are answered long before, and a timer for each would cost
     * more than to look at those few that are there when it goes off.
     */
    private final class TimeOuts {
        /** The timer, or null, and when it goes off. */
        private ScheduledFuture<?> timer;

        private long setNanos;

        void add(Pending entry) {
            entry.endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis(entry.request));
            if (timer == null || entry.endNanos - setNanos < 0) {
                set(entry.endNanos);
            }
        }

        private void set(long endNanos) {
            cancel();
            setNanos = endNanos;
            timer = loop.schedule(this::goOff, endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        void cancel() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        private void goOff() {
            timer = null;
            long now = System.nanoTime();
            List<Pending> over = new ArrayList<>();
            long next = Long.MAX_VALUE;
            for (Pending entry : pending.values()) {
                long rest = entry.endNanos - now;
                if (rest <= 0) {
                    over.add(entry);
                } else {
                    next = Math.min(next, rest);
                }
            }
            if (next != Long.MAX_VALUE) {
                set(now + Math.max(next, TIMEOUT_GRAIN_NANOS));
            }
            over.forEach(entry -> pending.remove(entry.id));
            over.forEach(NettyRaftService.this::timeOut);
        }
    }

    /** What it means for a request that there will be no answer. */
    private ClientResponse lost(Pending entry, String reason) {
        return entry.written && entry.request instanceof ClientRequest.Propose
                ? new ClientResponse.Unknown(address + ": " + reason)
                : notSent(reason);
    }

    private void loseAll(String reason) {
        List<Pending> lost = inOrder();
        pending.clear();
        for (Pending entry : lost) {
            finish(entry, lost(entry, reason));
        }
    }

    private List<Pending> inOrder() {
        List<Pending> entries = new ArrayList<>(pending.values());
        entries.sort(Comparator.comparingLong(entry -> entry.id));
        return entries;
    }

    private void add(Pending entry, FrameBatch batch) {
        entry.written = true;
        entry.addTo(batch);
        if (batch.isFull()) {
            write(batch);
        }
    }

    private void write(FrameBatch batch) {
        if (!batch.isEmpty() && channel != null) {
            channel.writeAndFlush(batch.take(channel.alloc()), channel.voidPromise());
        }
    }

    private void connect() {
        connecting = true;
        threads.resolve(address.host()).whenComplete((addresses, failure) -> {
            try {
                loop.execute(() -> {
                    if (failure != null) {
                        failed("its host name can't be resolved", limits.retryMillis());
                    } else {
                        InetAddress chosen = addresses[Math.floorMod(attempt++, addresses.length)];
                        connect(new InetSocketAddress(chosen, address.port()));
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the network threads have ended", e);
            }
        });
    }

    private void connect(InetSocketAddress target) {
        connecting = false;
        if (closed) {
            return;
        }
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, limits.connectTimeoutMillis()))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel newChannel) {
                        initialize(newChannel);
                    }
                })
                .connect(target);
        channel = connected.channel();
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                channel = null;
                failed("can't connect: " + done.cause().getMessage(), limits.retryMillis());
            }
        });
    }

    private void initialize(SocketChannel newChannel) {
        FrameDecoder decoder = new FrameDecoder();
        newChannel
                .pipeline()
                .addLast(new IdleStateHandler(3 * limits.keepAliveMillis(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast(decoder)
                .addLast(new HandshakeDialer(
                        Handshake.clientHello(clusterId, bootId, versions),
                        versions,
                        decoder,
                        limits.maxFrameBytes(),
                        limits.handshakeTimeoutMillis(),
                        new DialOutcome(newChannel)));
    }

    private void failed(String reason, long pauseMillis) {
        connecting = false;
        lastFailure = reason;
        retryNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        loseAll(reason);
    }

    private final class DialOutcome implements HandshakeDialer.Outcome {
        private final Channel dialled;

        DialOutcome(Channel dialled) {
            this.dialled = dialled;
        }

        @Override
        public ChannelHandler onWelcome(ChannelHandlerContext context, Handshake.Welcome welcome) {
            if (!clusterId.isEmpty() && !clusterId.equals(welcome.clusterId())) {
                onRefused("WRONG_CLUSTER", "this is cluster '" + Frames.printable(welcome.clusterId()) + "'");
                return null;
            }
            server = Optional.of(welcome);
            return new Established();
        }

        @Override
        public void onRefused(String reason, String text) {
            if (channel == dialled) {
                channel = null;
                refusals.warn(address.toString(), reason, "can't use " + address + ": " + text);
                failed(text, limits.retryMillis());
            }
        }
    }

    /** Takes the answers of an established connection. */
    private final class Established extends SimpleChannelInboundHandler<ByteBuf> {
        private ScheduledFuture<?> keepAlive;
        private String reason = "the connection was lost";

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            refusals.forget(address.toString());
            ready = true;
            keepAlive = context.executor()
                    .scheduleAtFixedRate(
                            () -> sendKeepAlive(context),
                            limits.keepAliveMillis(),
                            limits.keepAliveMillis(),
                            TimeUnit.MILLISECONDS);
            FrameBatch batch = FrameBatch.ofThread();
            try {
                inOrder().stream().filter(entry -> !entry.written).forEach(entry -> add(entry, batch));
                write(batch);
            } finally {
                batch.clear();
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            keepAlive.cancel(false);
        }

        private void sendKeepAlive(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                context.writeAndFlush(Frames.encode(context.alloc(), KEEP_ALIVE));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws MalformedFrameException {
            int size = bytes.readableBytes();
            byte[] content = Scratch.ofThread().ofAtLeast(size);
            bytes.getBytes(bytes.readerIndex(), content, 0, size);
            CommonFrames.Numbered<ClientResponse> common = CommonFrames.readResponse(content, size);
            if (common != null) {
                answered(common.id(), common.content());
                return;
            }
            ClientResponseFrame frame = Frames.decode(ClientResponseFrame.parser(), bytes);
            if (!frame.hasKeepAlive()) {
                answered(frame.getCorrelationId(), ClientCodec.fromFrame(frame));
            }
        }

        private void answered(long id, ClientResponse response) {
            Pending entry = pending.remove(id);
            // None if it has timed out meanwhile.
            if (entry != null) {
                finish(entry, response);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                reason = "the server is silent";
                context.close();
            } else {
                context.fireUserEventTriggered(event);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (channel == context.channel()) {
                channel = null;
                ready = false;
                loseAll(reason);
            }
            context.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Throwable failure = Frames.unwrap(cause);
            if (failure instanceof MalformedFrameException) {
                reason = "the server sent " + failure.getMessage();
                refusals.warn(address.toString(), "MALFORMED", "closed the connection to " + address + ": " + reason);
            } else {
                reason = "the connection failed: " + failure.getMessage();
            }
            context.close();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            var ended = loop.submit(() -> {
                Channel open = channel;
                channel = null;
                ready = false;
                if (open != null) {
                    open.close();
                }
                timeOuts.cancel();
                loseAll("the connection was closed by this side");
                refuseSubmitted("the connection is closed");
            });
            if (!threads.isCurrentThreadOneOfThem()) {
                ended.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("the network threads have ended before", e);
        }
        if (ownsThreads) {
            threads.close();
        }
    }
}
