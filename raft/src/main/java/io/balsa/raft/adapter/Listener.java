package io.balsa.raft.adapter;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A listening port with a bounded number of connections. */
// What becomes of a write or a close shows on the connection, whose handlers watch it.
@SuppressWarnings("FutureReturnValueIgnored")
final class Listener {
    private static final int BACKLOG = 256;
    private static final long CLOSE_TIMEOUT_SECONDS = 5;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);

    private final NetworkThreads threads;
    private final Channel server;
    private final ChannelGroup connections;

    private Listener(NetworkThreads threads, Channel server, ChannelGroup connections) {
        this.threads = threads;
        this.server = server;
        this.connections = connections;
    }

    /**
     * Listens.
     *
     * @param initializer gives a new connection its handlers
     * @throws UncheckedIOException if the address is in use or is none of this machine's; its message names the address
     */
    static Listener open(
            NetworkThreads threads,
            HostAndPort bind,
            int maxConnections,
            RefusalLog refusals,
            Consumer<SocketChannel> initializer) {
        ChannelGroup connections = new DefaultChannelGroup(threads.nextLoop(), true);
        InetSocketAddress address = new InetSocketAddress(bind.host(), bind.port());
        if (address.isUnresolved()) {
            throw cannotListen(bind, new BindException("unknown host " + bind.host()));
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(threads.group())
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        if (connections.size() > maxConnections) {
                            String host = HandshakeAcceptor.hostOf(channel);
                            refusals.warn(
                                    host,
                                    "TOO_MANY",
                                    "closed a connection of " + host + ": there are " + maxConnections
                                            + " connections already");
                            channel.close();
                            return;
                        }
                        initializer.accept(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw cannotListen(bind, bound.cause());
        }
        return new Listener(threads, bound.channel(), connections);
    }

    private static UncheckedIOException cannotListen(HostAndPort bind, Throwable cause) {
        IOException failure = cause instanceof IOException io ? io : new IOException(cause);
        return new UncheckedIOException("can't listen on " + bind + ": " + cause.getMessage(), failure);
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    ChannelGroup connections() {
        return connections;
    }

    /** No more new connections; those that are there stay. */
    ChannelFuture stopAccepting() {
        return server.close();
    }

    /** Ends all. Waits for it, unless called on a thread of the network. */
    void close() {
        ChannelFuture serverClosed = server.close();
        var connectionsClosed = connections.close();
        if (!threads.isCurrentThreadOneOfThem()) {
            serverClosed.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            connectionsClosed.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }
}
