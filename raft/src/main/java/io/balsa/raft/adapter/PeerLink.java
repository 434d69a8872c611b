package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.proto.PeerFrame;
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
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection that this server opens to one peer: connects again and again, and carries the messages of all groups out
 * of bounded queues. What can't leave now is dropped, never kept for a later connection. All state that is not marked
 * otherwise belongs to one event loop.
 */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class PeerLink {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final int FLUSH_BYTES = 64 << 10;

    /** Parts of snapshots may take this fraction of what may wait, besides the rest. */
    private static final int BULK_SHARE = 8;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);

    /** What all links of a transport have in common. */
    interface Owner {
        NodeIdentity identity();

        /** Where this server takes its peers, as far as it knows. */
        String peerAddress();

        /** Whether a peer's data directory is the one that goes by its name. */
        boolean isKnownDirectory(NodeId peer, byte[] storeId);

        ProtocolVersions versions();

        TransportLimits limits();

        NetworkThreads threads();

        RefusalLog refusals();

        /** Those whose messages it may carry. */
        Collection<String> groups();

        /** Messages of a group were dropped, or the connection that it shares broke. */
        void onUnreachable(String group, NodeId peer);

        void onWelcome(NodeId peer, String clientAddress);

        /** A peer refuses this server for good. */
        void onExcluded(NodeId peer, Exclusion.Reason reason, String text);
    }

    private final Owner owner;
    private final NodeId peer;
    private final EventLoop loop;
    private final Backoff backoff;
    // Shared with the threads that send.
    private final GroupLanes queue;
    // Parts of snapshots: they have time, and must not stand before a heartbeat.
    private final GroupLanes bulk;
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    /** The groups that were told, and for which nothing has left since. */
    private final Set<String> unreachable = ConcurrentHashMap.newKeySet();

    private volatile HostAndPort address;
    private volatile Channel ready;
    private volatile boolean closed;
    // The event loop's alone.
    private Channel current;
    private boolean bulkIsLeaving;
    private boolean connecting;
    private int attempt;
    private io.netty.util.concurrent.ScheduledFuture<?> nextAttempt;
    private final Scratch scratch = new Scratch();

    PeerLink(Owner owner, NodeId peer, HostAndPort address) {
        this.owner = owner;
        this.peer = peer;
        this.address = address;
        this.loop = owner.threads().nextLoop();
        TransportLimits limits = owner.limits();
        this.queue = new GroupLanes(limits.maxQueuedMessages(), limits.maxQueuedBytes());
        this.bulk = new GroupLanes(limits.maxQueuedMessages(), limits.maxQueuedBytes() / BULK_SHARE);
        this.backoff =
                new Backoff(owner.limits().minBackoffMillis(), owner.limits().maxBackoffMillis());
    }

    // ---- any thread ------------------------------------------------------------------------------------------------

    /** Takes a message for the next {@link #flush}, or drops it. */
    void send(String group, Message message) {
        if (ready == null) {
            reportUnreachable(group);
            return;
        }
        GroupLanes lanes = message instanceof Message.InstallSnapshot ? bulk : queue;
        if (!lanes.offer(group, message)) {
            reportUnreachable(group);
        } else if (queue.bytes() > FLUSH_BYTES) {
            flush();
        }
    }

    /** Lets what was taken go. */
    void flush() {
        if (queue.isEmpty() && bulk.isEmpty()) {
            return;
        }
        if (loop.inEventLoop()) {
            // At once, before the caller goes on to sync what it has just sent.
            drainOrClose();
        } else if (drainScheduled.compareAndSet(false, true)) {
            execute(this::drainScheduled);
        }
    }

    /** A group has ended: what it still has here is dropped, and it is no longer counted in. */
    void forget(String group) {
        queue.close(group);
        bulk.close(group);
        unreachable.remove(group);
    }

    /** Connects now instead of at the end of a pause, for example because the peer has just called. */
    void connectNow() {
        execute(() -> {
            if (current == null && !connecting) {
                backoff.reset();
                connect();
            }
        });
    }

    /** Uses another address from the next connection on, and gives the present one up. */
    void moveTo(HostAndPort newAddress) {
        if (!newAddress.equals(address)) {
            address = newAddress;
            execute(() -> {
                if (current != null) {
                    current.close();
                }
            });
            connectNow();
        }
    }

    void close() {
        closed = true;
        execute(() -> {
            cancelNextAttempt();
            if (current != null) {
                current.close();
            }
        });
    }

    private void reportUnreachable(String group) {
        if (!unreachable.contains(group) && unreachable.add(group)) {
            execute(() -> owner.onUnreachable(group, peer));
        }
    }

    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // Only when the threads end, and with them every connection.
            LOG.debug("the network threads have ended", e);
        }
    }

    // ---- the event loop --------------------------------------------------------------------------------------------

    /** What fails here is the connection's trouble, not its caller's. */
    private void drainOrClose() {
        try {
            drain();
        } catch (RuntimeException | OutOfDirectMemoryError failure) {
            LOG.warn("could not send to node {}: closing the connection", peer, failure);
            if (current != null) {
                current.close();
            }
        }
    }

    private void drainScheduled() {
        drainScheduled.set(false);
        drain();
    }

    private void drain() {
        Channel channel = ready;
        if (channel == null) {
            clearQueue();
            return;
        }
        boolean wrote = false;
        while (channel.isWritable()) {
            GroupLanes.Waiting next = queue.poll();
            if (next == null) {
                break;
            }
            ByteBuf frame = frame(channel, next);
            if (frame != null) {
                channel.write(frame, channel.voidPromise());
                unreachable.remove(next.group());
                wrote = true;
            }
        }
        if (writeBulk(channel) || wrote) {
            channel.flush();
        }
    }

    /** One part at a time, when nothing else waits: what comes next then has at most this one before it. */
    private boolean writeBulk(Channel channel) {
        if (bulkIsLeaving || !channel.isWritable()) {
            return false;
        }
        GroupLanes.Waiting next = bulk.poll();
        if (next == null) {
            return false;
        }
        ByteBuf frame = frame(channel, next);
        if (frame == null) {
            return false;
        }
        bulkIsLeaving = true;
        unreachable.remove(next.group());
        channel.write(frame).addListener(left -> {
            bulkIsLeaving = false;
            drain();
        });
        return true;
    }

    /** Null if it is too large to be sent. */
    private ByteBuf frame(Channel channel, GroupLanes.Waiting message) {
        ByteBuf frame = ProtobufCodec.frame(channel.alloc(), message.group(), message.message(), scratch, loop);
        if (isTooLarge(message.group(), frame.readableBytes() - FrameDecoder.LENGTH_BYTES)) {
            frame.release();
            return null;
        }
        return frame;
    }

    private boolean isTooLarge(String group, int size) {
        if (size > owner.limits().maxFrameBytes()) {
            owner.refusals()
                    .warn(
                            peer.value(),
                            "TOO_LARGE",
                            "dropped a message of " + size + " bytes to node " + peer + ", where at most "
                                    + owner.limits().maxFrameBytes() + " are allowed");
            reportUnreachable(group);
            return true;
        }
        return false;
    }

    private void clearQueue() {
        queue.clear().forEach(this::reportUnreachable);
        bulk.clear().forEach(this::reportUnreachable);
    }

    private void connect() {
        cancelNextAttempt();
        if (closed) {
            return;
        }
        connecting = true;
        HostAndPort target = address;
        owner.threads()
                .resolve(target.host())
                .whenComplete((addresses, failure) -> execute(() -> {
                    if (failure != null) {
                        failed("UNKNOWN_HOST", "its host name " + target.host() + " can't be resolved");
                    } else {
                        // A name may have several addresses, not all of which are listened on.
                        InetAddress chosen = addresses[Math.floorMod(attempt++, addresses.length)];
                        connect(new InetSocketAddress(chosen, target.port()));
                    }
                }));
    }

    private void connect(InetSocketAddress target) {
        if (closed) {
            connecting = false;
            return;
        }
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, owner.limits().connectTimeoutMillis()))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        initialize(channel);
                    }
                })
                .connect(target);
        current = connected.channel();
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                current = null;
                failed("UNREACHABLE", done.cause().toString());
            }
        });
    }

    private void initialize(SocketChannel channel) {
        FrameDecoder decoder = new FrameDecoder();
        channel.pipeline()
                .addLast(new IdleStateHandler(owner.limits().idleTimeoutMillis(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast(decoder)
                .addLast(new HandshakeDialer(
                        Handshake.peerHello(owner.identity(), owner.peerAddress(), peer, owner.versions()),
                        owner.versions(),
                        decoder,
                        Handshake.MAX_FRAME_BYTES,
                        owner.limits().handshakeTimeoutMillis(),
                        new DialOutcome(channel)));
    }

    private void failed(String reason, String text) {
        connecting = false;
        if (!closed) {
            owner.refusals()
                    .warn(peer.value(), reason, "can't connect to node " + peer + " at " + address + ": " + text);
            scheduleNextAttempt();
        }
    }

    private void scheduleNextAttempt() {
        if (!closed && nextAttempt == null) {
            nextAttempt = loop.schedule(
                    () -> {
                        nextAttempt = null;
                        if (current == null && !connecting) {
                            connect();
                        }
                    },
                    backoff.nextDelayMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void cancelNextAttempt() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
            nextAttempt = null;
        }
    }

    private final class DialOutcome implements HandshakeDialer.Outcome {
        private final Channel channel;
        private boolean excluded;

        DialOutcome(Channel channel) {
            this.channel = channel;
        }

        @Override
        public ChannelHandler onWelcome(ChannelHandlerContext context, Handshake.Welcome welcome) {
            if (!welcome.nodeId().equals(peer)
                    || !welcome.clusterId().equals(owner.identity().clusterId())) {
                onRefused(
                        "WRONG_NODE",
                        "node " + welcome.nodeId() + " of cluster '" + Frames.printable(welcome.clusterId())
                                + "' answers there");
                return null;
            }
            if (!owner.isKnownDirectory(peer, welcome.storeId())) {
                onRefused("ITS_DIRECTORY", PeerGate.otherDirectory(peer));
                return null;
            }
            if (closed) {
                return null;
            }
            connecting = false;
            owner.refusals().forget(peer.value());
            owner.onWelcome(peer, welcome.clientAddress());
            clearQueue();
            ready = channel;
            LOG.info("{} is connected to node {} at {}", owner.identity().nodeId(), peer, address);
            return new Outbound();
        }

        @Override
        public void onExcluded(Exclusion.Reason reason, String text) {
            excluded = true;
            owner.onExcluded(peer, reason, text);
        }

        @Override
        public void onRefused(String reason, String text) {
            if (current == channel) {
                current = null;
            }
            if (excluded) {
                // The groups were told, and say it once for all peers.
                connecting = false;
                LOG.debug("node {} refuses this server: {}", peer, text);
                scheduleNextAttempt();
            } else {
                failed(reason, text);
            }
        }
    }

    /** Watches over a connection that is in use. Nothing but echoes comes in here. */
    private final class Outbound extends SimpleChannelInboundHandler<ByteBuf> {
        private final long welcomedNanos = System.nanoTime();
        private io.netty.util.concurrent.ScheduledFuture<?> keepAlive;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            // Four in each idle time, so that one lost to a pause of either side does not end the connection.
            long period = Math.max(1, owner.limits().idleTimeoutMillis() / 4);
            keepAlive = context.executor()
                    .scheduleAtFixedRate(() -> sendKeepAlive(context), period, period, TimeUnit.MILLISECONDS);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            keepAlive.cancel(false);
        }

        private void sendKeepAlive(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                context.writeAndFlush(Frames.encode(context.alloc(), InboundPeer.keepAlive()));
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws MalformedFrameException {
            PeerFrame frame = Frames.decode(PeerFrame.parser(), bytes);
            ProtobufCodec.require(frame.hasKeepAlive(), "a message on a connection that it did not open");
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                drain();
            }
            context.fireChannelWritabilityChanged();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                LOG.debug("node {} is silent: closing the connection", peer);
                context.close();
            } else {
                context.fireUserEventTriggered(event);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (current == context.channel()) {
                current = null;
                ready = null;
                clearQueue();
                backoff.workedFor(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - welcomedNanos));
                if (!closed) {
                    LOG.info(
                            "{} has lost its connection to node {}",
                            owner.identity().nodeId(),
                            peer);
                    owner.groups().forEach(PeerLink.this::reportUnreachable);
                    scheduleNextAttempt();
                }
            }
            context.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Throwable failure = Frames.unwrap(cause);
            if (failure instanceof MalformedFrameException) {
                owner.refusals()
                        .warn(
                                peer.value(),
                                "MALFORMED",
                                "closed the connection to node " + peer + ": it sent " + failure.getMessage());
            } else {
                LOG.debug("the connection to node {} failed", peer, failure);
            }
            context.close();
        }
    }
}
