package io.balsa.lock.redis;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LeasingLock;
import io.balsa.lock.LockOptions;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Locks of a Redis server, 6.0 or newer, through the client Lettuce.
 *
 * <p>Guaranteed, as long as the server keeps what it has confirmed (see below): at most one holder at a time; a lease is not
 * valid any more before the next holder is granted; only the holder releases or renews; a request whose outcome is unknown is
 * settled in the background, so that nothing is left behind; {@link io.balsa.lock.LockLease#token} grows for ever. TTLs are
 * kept to the millisecond. A waiter learns of a release at once, and of a holder that died when its TTL is over.
 *
 * <p>Not guaranteed:
 * <ul>
 *   <li>No loss at a failover. Replicas follow asynchronously, so the one that takes over may not know of a lock: then two
 *       believe to hold it, until the first one's lease ends. Hand the token to what the lock protects.
 *   <li>No loss at a restart, unless the server runs with {@code appendonly yes} and {@code appendfsync always}. With less, the
 *       locks of the last moments, or all, are free again too early.
 *   <li>The growth of tokens across such losses rests on the servers' wall clocks: a token is never less than the time in
 *       microseconds.
 *   <li>TTLs are counted by the server's wall clock too; when it is set forward, locks end early.
 *   <li>A server with a {@code maxmemory-policy} that evicts keys loses locks. Use {@code noeviction}.
 *   <li>No order among waiters of several processes; those of one process are served in the order of arrival, but one that
 *       comes just when the lock is free may come before them.
 * </ul>
 *
 * <p>Keep one for each process and server.
 */
public final class RedisLock {
    private static final int FEWEST_SERVERS = 3;
    private static final Duration LONGEST_RECONNECT_PAUSE = Duration.ofMillis(500);
    private static final int MAX_REQUESTS = 65_536;
    private static final long CLOSE_SECONDS = 2;

    private RedisLock() {}

    /**
     * Locks of one server, over connections of their own, closed with them.
     *
     * @param uri such as {@code redis://localhost:6379}
     */
    public static DistributedLock connect(String uri) {
        return connect(RedisURI.create(uri), RedisLockOptions.defaults(), LockOptions.defaults());
    }

    /** Locks of one server, or of the master that sentinels name, over connections of their own, closed with them. */
    public static DistributedLock connect(RedisURI uri, RedisLockOptions redisOptions, LockOptions options) {
        Client client = new Client(redisOptions);
        return single(client.client, uri, redisOptions, options, client::close);
    }

    /** Locks of one server, over connections of somebody's client, which stays open. */
    public static DistributedLock on(RedisClient client, RedisURI uri) {
        return on(client, uri, RedisLockOptions.defaults(), LockOptions.defaults());
    }

    /** Locks of one server, over connections of somebody's client, which stays open. */
    public static DistributedLock on(
            RedisClient client, RedisURI uri, RedisLockOptions redisOptions, LockOptions options) {
        return single(client, uri, redisOptions, options, () -> {});
    }

    private static DistributedLock single(
            RedisClient client,
            RedisURI uri,
            RedisLockOptions redisOptions,
            LockOptions options,
            Runnable closeClient) {
        RedisBackend backend = new RedisBackend(
                redisOptions,
                new LoopThreads(),
                (loop, user) -> new SingleServer(client, uri, redisOptions, loop, user),
                closeClient);
        return LeasingLock.over(backend, options);
    }

    /**
     * Locks of a quorum of servers that know nothing of each other: held when a majority granted them within the TTL. They stay
     * available while a majority of the servers is, without replicas and failovers.
     *
     * <p>They are weaker than they look, and meant for work that is only wasted when it is done twice:
     * <ul>
     *   <li>No fencing: {@link io.balsa.lock.Capability#FENCING} is missing, so a holder that was paused can't be refused.
     *   <li>They trust the wall clocks of the servers. One that is set forward ends its part of the lock early, and another
     *       may then get a majority.
     *   <li>A server that restarts without what it had granted votes twice. Each must run with {@code appendfsync always}, or
     *       stay down after a crash for longer than any TTL.
     *   <li>Waiters are not told of releases: each process tries again every 5 to 100 ms.
     * </ul>
     *
     * @param uris of at least three servers, an odd number best
     */
    public static DistributedLock quorum(List<RedisURI> uris) {
        return quorum(uris, RedisLockOptions.defaults(), LockOptions.defaults());
    }

    /** Like {@link #quorum(List)}. */
    public static DistributedLock quorum(List<RedisURI> uris, RedisLockOptions redisOptions, LockOptions options) {
        requireDistinct(uris);
        Client client = new Client(redisOptions);
        return quorum(client.client, uris, redisOptions, options, client::close);
    }

    /** Like {@link #quorum(List)}, over connections of somebody's client, which stays open. */
    public static DistributedLock quorum(
            RedisClient client, List<RedisURI> uris, RedisLockOptions redisOptions, LockOptions options) {
        requireDistinct(uris);
        return quorum(client, uris, redisOptions, options, () -> {});
    }

    private static DistributedLock quorum(
            RedisClient client,
            List<RedisURI> uris,
            RedisLockOptions redisOptions,
            LockOptions options,
            Runnable closeClient) {
        RedisBackend backend = new RedisBackend(
                redisOptions,
                new LoopThreads(),
                (loop, user) -> new ServerQuorum(
                        uris.stream()
                                .map(uri -> new LockServer(client, uri, redisOptions, loop))
                                .toList(),
                        redisOptions,
                        loop,
                        user),
                closeClient);
        return LeasingLock.over(backend, options);
    }

    private static void requireDistinct(List<RedisURI> uris) {
        if (uris.size() < FEWEST_SERVERS) {
            throw new IllegalArgumentException("a quorum needs at least " + FEWEST_SERVERS + " servers, not "
                    + uris.size() + "; for one server use connect or on");
        }
        Set<String> names = new HashSet<>();
        for (RedisURI uri : uris) {
            if (!names.add(ServerConnection.nameOf(uri))) {
                throw new IllegalArgumentException(
                        "a quorum needs independent servers, and " + ServerConnection.nameOf(uri) + " is named twice");
            }
        }
    }

    /** A client of its own, which comes back soon after a break and keeps no requests for then. */
    private static final class Client {
        private final ClientResources resources;
        private final RedisClient client;

        Client(RedisLockOptions options) {
            resources = DefaultClientResources.builder()
                    .reconnectDelay(
                            Delay.exponential(Duration.ofMillis(10), LONGEST_RECONNECT_PAUSE, 2, TimeUnit.MILLISECONDS))
                    .build();
            client = RedisClient.create(resources);
            client.setOptions(ClientOptions.builder()
                    .autoReconnect(true)
                    .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                    .requestQueueSize(MAX_REQUESTS)
                    .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                    .socketOptions(SocketOptions.builder()
                            .connectTimeout(options.requestTimeout())
                            .keepAlive(true)
                            .build())
                    .build());
        }

        void close() {
            client.shutdown(0, CLOSE_SECONDS, TimeUnit.SECONDS);
            Future<?> ended = resources.shutdown(0, CLOSE_SECONDS, TimeUnit.SECONDS);
            try {
                ended.get(CLOSE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                // They end by themselves.
            }
        }
    }
}
