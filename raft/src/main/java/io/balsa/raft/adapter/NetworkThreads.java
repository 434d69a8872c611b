package io.balsa.raft.adapter;

import io.balsa.raft.port.TaskLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of the network: event loops, and a few that look up host names, since the JDK blocks while it does. May
 * be shared by any number of transports, servers and connections of one JVM; whoever made it closes it, after them.
 */
public final class NetworkThreads implements AutoCloseable {
    private static final int MAX_RESOLVERS = 4;
    private static final int MAX_WAITING_LOOKUPS = 4096;
    private static final long RESOLVER_KEEP_ALIVE_SECONDS = 5;
    private static final long CLOSE_TIMEOUT_SECONDS = 5;

    private final MultiThreadIoEventLoopGroup group;
    private final ThreadPoolExecutor resolvers;
    // Of the event loops; as many as there are of these, since a loop lives as long as its group.
    private final Queue<Thread> loopThreads = new ConcurrentLinkedQueue<>();

    private NetworkThreads(String owner, int eventLoops) {
        group = new MultiThreadIoEventLoopGroup(
                eventLoops, remembered(named("balsa-network-" + owner)), NioIoHandler.newFactory());
        resolvers = new ThreadPoolExecutor(
                MAX_RESOLVERS,
                MAX_RESOLVERS,
                RESOLVER_KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING_LOOKUPS),
                named("balsa-resolver-" + owner));
        resolvers.allowCoreThreadTimeOut(true);
    }

    /**
     * Starts threads.
     *
     * @param owner whose they are, for their names: a node id, or "client"
     * @param eventLoops how many threads read and write
     */
    public static NetworkThreads create(String owner, int eventLoops) {
        return new NetworkThreads(owner, eventLoops);
    }

    // Daemons: a client that somebody forgets to close must not hang at the end of main. A node's own threads are none.
    private static ThreadFactory named(String prefix) {
        AtomicInteger next = new AtomicInteger(1);
        return task -> {
            Thread thread = new Thread(task, prefix + "-" + next.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    private ThreadFactory remembered(ThreadFactory factory) {
        return task -> {
            Thread thread = factory.newThread(task);
            loopThreads.add(thread);
            return thread;
        };
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    EventLoop nextLoop() {
        return group.next();
    }

    /**
     * One of the threads, to run other things on that belong to the connections it has. It must not be blocked for long; and it
     * is used best if it is the only one.
     */
    public TaskLoop taskLoop() {
        return new NettyTaskLoop(nextLoop());
    }

    /** Looks a host up, anew each time as far as the JDK does not cache it. Never blocks. */
    CompletableFuture<InetAddress[]> resolve(String host) {
        CompletableFuture<InetAddress[]> addresses = new CompletableFuture<>();
        try {
            byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
            if (literal != null) {
                addresses.complete(new InetAddress[] {InetAddress.getByAddress(host, literal)});
            } else {
                resolvers.execute(() -> lookUp(host, addresses));
            }
        } catch (UnknownHostException e) {
            addresses.completeExceptionally(e);
        } catch (RejectedExecutionException e) {
            addresses.completeExceptionally(new UnknownHostException(host + " (too many lookups wait, or closed)"));
        }
        return addresses;
    }

    private static void lookUp(String host, CompletableFuture<InetAddress[]> addresses) {
        try {
            addresses.complete(InetAddress.getAllByName(host));
        } catch (UnknownHostException | SecurityException e) {
            addresses.completeExceptionally(e);
        }
    }

    /** True on one of these event loops, where nothing may wait for another. */
    boolean isCurrentThreadOneOfThem() {
        Thread current = Thread.currentThread();
        for (var executor : group) {
            if (executor.inEventLoop(current)) {
                return true;
            }
        }
        return false;
    }

    /** Ends the threads; what they still carry is dropped. Waits for them, unless called on one of them. */
    @Override
    public void close() {
        resolvers.shutdownNow();
        var terminated = group.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (!isCurrentThreadOneOfThem()) {
            terminated.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            joinLoops();
        }
    }

    /** A loop says that it has ended a moment before its thread has. */
    private void joinLoops() {
        try {
            for (Thread thread : loopThreads) {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_TIMEOUT_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
