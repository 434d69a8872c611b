package io.balsa.lock.contract;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.NativeLock;
import io.balsa.statemachine.node.TestCluster;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Balsa itself: a durable node, and sessions over TCP. One node, so that no client learns of a way around its line, by which
 * it can be cut off; how locks fare when some of several servers fail is shown elsewhere.
 */
final class NativeLockWorld implements LockWorld {
    private static final String NODE = "n1";

    private record Client(Session session, CuttableLine line) {}

    private final Map<DistributedLock, Client> clients = new HashMap<>();
    private final TestCluster cluster;
    private final int port;

    NativeLockWorld(Path directory) {
        cluster = TestCluster.durable(1, directory);
        cluster.awaitLeader();
        String address = cluster.clientAddresses();
        port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Override
    public DistributedLock open(LockOptions options) {
        CuttableLine line = new CuttableLine(List.of(port));
        Session session = Session.connect(
                "127.0.0.1:" + line.ports().get(0),
                SessionOptions.builder().ttl(ttl().multipliedBy(2)).build());
        DistributedLock locks = NativeLock.on(session, options);
        clients.put(locks, new Client(session, line));
        return locks;
    }

    @Override
    public void cut(DistributedLock client) {
        clients.get(client).line().cut();
    }

    @Override
    public void restore(DistributedLock client) {
        clients.get(client).line().restore();
    }

    @Override
    public void killServers() {
        cluster.stop(NODE);
    }

    @Override
    public void startServers() {
        cluster.start(NODE);
        cluster.awaitLeader();
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(2);
    }

    @Override
    public void close() {
        clients.values().forEach(client -> {
            client.session().close();
            client.line().close();
        });
        cluster.close();
    }
}
