package io.balsa.lock.redis;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.contract.CuttableLine;
import io.balsa.lock.contract.LockWorld;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Redis servers, one or a quorum. All clients of a world share the threads of one Lettuce client, with its options as they are
 * when nobody sets any.
 */
final class RedisLockWorld implements LockWorld {
    private final List<RedisProcess> servers = new ArrayList<>();
    private final Map<DistributedLock, CuttableLine> lines = new HashMap<>();
    private final RedisClient client = RedisClient.create();

    /** @param count how many servers; more than one are a quorum */
    RedisLockWorld(Path directory, int count) {
        try {
            for (int i = 0; i < count; i++) {
                servers.add(new RedisProcess(directory.resolve("redis" + i)).start());
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    public DistributedLock open(LockOptions options) {
        CuttableLine line =
                new CuttableLine(servers.stream().map(RedisProcess::port).toList());
        List<RedisURI> uris = IntStream.range(0, servers.size())
                .mapToObj(i -> RedisURI.create("127.0.0.1", line.ports().get(i)))
                .toList();
        RedisLockOptions redisOptions = RedisLockOptions.defaults().withRequestTimeout(Duration.ofSeconds(10));
        DistributedLock locks = servers.size() == 1
                ? RedisLock.on(client, uris.get(0), redisOptions, options)
                : RedisLock.quorum(client, uris, redisOptions, options);
        lines.put(locks, line);
        return locks;
    }

    @Override
    public void cut(DistributedLock locks) {
        lines.get(locks).cut();
    }

    @Override
    public void restore(DistributedLock locks) {
        lines.get(locks).restore();
    }

    @Override
    public void killServers() {
        servers.forEach(RedisProcess::kill);
    }

    @Override
    public void startServers() {
        servers.forEach(RedisProcess::start);
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(2);
    }

    @Override
    public void close() {
        client.shutdown();
        lines.values().forEach(CuttableLine::close);
        servers.forEach(RedisProcess::close);
    }
}
