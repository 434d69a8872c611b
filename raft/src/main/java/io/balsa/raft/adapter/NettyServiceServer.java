package io.balsa.raft.adapter;

import io.balsa.raft.adapter.HandshakeAcceptor.Decision;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.proto.Hello;
import io.balsa.raft.proto.HelloReply;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client port: lets clients over TCP use a {@link RaftService} of this process. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
public final class NettyServiceServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyServiceServer.class);

    private final NodeIdentity self;
    private final RaftService service;
    private final ServiceLimits limits;
    private final ProtocolVersions versions;
    private final NetworkThreads threads;
    private final boolean ownsThreads;
    private final RefusalLog refusals = new RefusalLog(LOG);
    private final ByteBudget budget;
    private final Map<Channel, ServiceConnection> connections = new ConcurrentHashMap<>();
    private final Listener listener;
    private boolean closed;

    /**
     * Begins to listen, with threads of its own.
     *
     * @param self what clients are told; the client address in it should be where they reach this server
     * @param bind where it listens; port 0 for any free one
     * @throws java.io.UncheckedIOException if the address cannot be listened on
     */
    public NettyServiceServer(NodeIdentity self, HostAndPort bind, RaftService service, ServiceLimits limits) {
        this(
                self,
                bind,
                service,
                limits,
                ProtocolVersions.CURRENT,
                NetworkThreads.create(self.nodeId().value() + "-clients", 1),
                true);
    }

    /** Begins to listen, on threads that it shares, and that stay when it is closed. */
    public NettyServiceServer(
            NodeIdentity self, HostAndPort bind, RaftService service, ServiceLimits limits, NetworkThreads threads) {
        this(self, bind, service, limits, ProtocolVersions.CURRENT, threads, false);
    }

    NettyServiceServer(
            NodeIdentity self,
            HostAndPort bind,
            RaftService service,
            ServiceLimits limits,
            ProtocolVersions versions,
            NetworkThreads threads,
            boolean ownsThreads) {
        this.self = Objects.requireNonNull(self, "self");
        this.service = Objects.requireNonNull(service, "service");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.versions = versions;
        this.threads = threads;
        this.ownsThreads = ownsThreads;
        this.budget = new ByteBudget(Integer.MAX_VALUE, limits.maxRequestBytes());
        try {
            this.listener = Listener.open(threads, bind, limits.maxConnections(), refusals, this::initialize);
        } catch (RuntimeException e) {
            if (ownsThreads) {
                threads.close();
            }
            throw e;
        }
    }

    private void initialize(SocketChannel channel) {
        FrameDecoder decoder = new FrameDecoder();
        channel.pipeline()
                .addLast(decoder)
                // Behind the decoder, so that only whole frames count: bytes that drip in keep no connection open (case
                // 87).
                .addLast(new IdleStateHandler(limits.idleTimeoutMillis(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast(new HandshakeAcceptor(
                        this::decide, decoder, refusals, "client", limits.handshakeTimeoutMillis()));
    }

    private Decision decide(Hello hello, Channel channel) {
        String host = HandshakeAcceptor.hostOf(channel);
        HelloReply reply = Handshake.judge(hello, Hello.Kind.CLIENT, self, versions);
        if (reply.getVerdict() != HelloReply.Verdict.WELCOME) {
            return new Decision(host, reply, null, 0);
        }
        ServiceConnection connection = new ServiceConnection(service, limits, budget, refusals, host);
        connections.put(channel, connection);
        channel.closeFuture().addListener(gone -> connections.remove(channel));
        return new Decision(host, reply, connection, limits.maxFrameBytes());
    }

    /** The port on which it listens. */
    public int port() {
        return listener.port();
    }

    /** Takes no more requests, lets outstanding answers go for a bounded time, and ends all connections and threads. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        listener.stopAccepting();
        connections.forEach((channel, connection) -> connection.closeGracefully(channel, limits.closeTimeoutMillis()));
        if (!threads.isCurrentThreadOneOfThem()) {
            // Each connection closes itself when its time is over, so this wait ends.
            listener.connections().newCloseFuture().awaitUninterruptibly(limits.closeTimeoutMillis() + 1_000);
        }
        listener.close();
        if (ownsThreads) {
            threads.close();
        }
    }
}
