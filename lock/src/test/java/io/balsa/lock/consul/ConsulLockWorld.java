package io.balsa.lock.consul;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.contract.CuttableLine;
import io.balsa.lock.contract.LockWorld;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A real Consul of one server, on disk. */
final class ConsulLockWorld implements LockWorld {
    private static final Duration LOCK_DELAY = Duration.ofSeconds(1);

    private final Map<DistributedLock, CuttableLine> lines = new HashMap<>();
    private final ConsulServer server;

    ConsulLockWorld(Path directory) {
        server = new ConsulServer(directory);
    }

    @Override
    public DistributedLock open(LockOptions options) {
        CuttableLine line = new CuttableLine(List.of(server.port()));
        DistributedLock locks = ConsulLock.connect(
                "127.0.0.1:" + line.ports().get(0), ConsulLockOptions.defaults().withLockDelay(LOCK_DELAY), options);
        lines.put(locks, line);
        return locks;
    }

    @Override
    public void cut(DistributedLock client) {
        lines.get(client).cut();
    }

    @Override
    public void restore(DistributedLock client) {
        lines.get(client).restore();
    }

    @Override
    public void killServers() {
        server.kill();
    }

    @Override
    public void startServers() {
        server.start();
    }

    /** The least that Consul takes. */
    @Override
    public Duration ttl() {
        return ConsulBackend.MIN_TTL;
    }

    /** Consul ends a session after up to two TTLs, and the lock delay follows. */
    @Override
    public void close() {
        lines.values().forEach(CuttableLine::close);
        server.close();
    }
}
