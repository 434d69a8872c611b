package io.balsa.lock.zookeeper;

import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions of a client of Curator's, one after the other: it opens a new one by itself when one has expired. Thread-safe. */
final class LockSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LockSessions.class);

    private final CuratorFramework client;
    private final ZooKeeperLockOptions options;
    private final BackendRuntime runtime;
    private final LockPaths paths;
    private final ConnectionStateListener listener = (same, state) -> stateChanged(state);
    private ZooKeeper handle;
    private LockSession session;

    LockSessions(CuratorFramework client, ZooKeeperLockOptions options, BackendRuntime runtime, LockPaths paths) {
        this.client = client;
        this.options = options;
        this.runtime = runtime;
        this.paths = paths;
        client.getConnectionStateListenable().addListener(listener);
    }

    /** Whether {@link #current} answers at once. */
    boolean isConnected() {
        return client.isStarted() && client.getZookeeperClient().isConnected();
    }

    /** The present session; empty when there is none at the moment. May block for a while unless connected. */
    Optional<LockSession> current() {
        ZooKeeper present;
        try {
            present = client.getZookeeperClient().getZooKeeper();
        } catch (Exception e) {
            LOG.debug("Curator has no handle of ZooKeeper: {}", e.getMessage());
            return Optional.empty();
        }
        if (present == null || !present.getState().isAlive()) {
            return Optional.empty();
        }
        LockSession before;
        LockSession current;
        synchronized (this) {
            before = session;
            if (session == null || handle != present || session.isOver()) {
                handle = present;
                session = open(present);
            }
            current = session;
        }
        if (before != null && before != current) {
            before.end("another has taken its place");
        }
        return Optional.of(current);
    }

    private LockSession open(ZooKeeper present) {
        LockSession[] opened = new LockSession[1];
        Requests requests = new HandleRequests(present, options.acl(), () -> opened[0].end("it expired"));
        opened[0] = new LockSession(requests, runtime, paths);
        return opened[0];
    }

    private void stateChanged(ConnectionState state) {
        if (state == ConnectionState.LOST) {
            LockSession lost;
            synchronized (this) {
                lost = session;
            }
            // Curator tells late: meanwhile there may be another session, which is not meant.
            if (lost != null && !lost.requests().isAlive()) {
                lost.end("it expired");
            }
        }
    }

    @Override
    public void close() {
        client.getConnectionStateListenable().removeListener(listener);
    }
}
