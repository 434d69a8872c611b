package io.balsa.lock.contract;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.zookeeper.ZooKeeperEnsemble;
import io.balsa.lock.zookeeper.ZooKeeperLock;
import io.balsa.lock.zookeeper.ZooKeeperLockOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Three servers of ZooKeeper, and clients that reach all of them through lines of their own. */
final class ZooKeeperLockWorld implements LockWorld {
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

    private final Map<DistributedLock, CuttableLine> lines = new HashMap<>();
    private final List<DistributedLock> opened = new ArrayList<>();
    private final ZooKeeperEnsemble ensemble;

    ZooKeeperLockWorld(Path directory) {
        ensemble = new ZooKeeperEnsemble(directory);
    }

    @Override
    public DistributedLock open(LockOptions options) {
        CuttableLine line = new CuttableLine(ensemble.ports());
        String address = line.ports().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        DistributedLock locks = ZooKeeperLock.connect(
                address, ZooKeeperLockOptions.defaults().withSessionTimeout(SESSION_TIMEOUT), options);
        lines.put(locks, line);
        opened.add(locks);
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
        ensemble.stopAll();
    }

    @Override
    public void startServers() {
        ensemble.startAll();
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(2);
    }

    /** The servers keep no TTL: who is cut off holds its locks until its session is over. */
    @Override
    public void close() {
        try {
            opened.forEach(DistributedLock::close);
        } finally {
            lines.values().forEach(CuttableLine::close);
            ensemble.close();
        }
    }
}
