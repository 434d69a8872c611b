package io.balsa.lock.zookeeper;

import java.util.Optional;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.CuratorEventType;
import org.apache.curator.framework.api.CuratorListener;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.listen.Listenable;
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
    private final CuratorListener closing = (same, event) -> closing(event);
    private ZooKeeper handle;
    private LockSession session;

    LockSessions(CuratorFramework client, ZooKeeperLockOptions options, BackendRuntime runtime, LockPaths paths) {
        this.client = client;
        this.options = options;
        this.runtime = runtime;
        this.paths = paths;
        client.getConnectionStateListenable().addListener(listener);
        follow(events -> events.addListener(closing));
    }

    /** A view of a client with another namespace does not tell; then its end is noticed at the next confirmation. */
    private void follow(Consumer<Listenable<CuratorListener>> action) {
        try {
            action.accept(client.getCuratorListenable());
        } catch (UnsupportedOperationException e) {
            LOG.debug("this view of a client of Curator does not tell when it is closed: {}", e.getMessage());
        }
    }

    /** Whether there may ever be a session again. */
    boolean isOpen() {
        return client.getState() == CuratorFrameworkState.STARTED;
    }

    /** Whether {@link #current} answers at once. */
    boolean isConnected() {
        return isOpen() && client.getZookeeperClient().isConnected();
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
        Requests requests = new HandleRequests(present, options.acl(), this::isOpen, () -> opened[0].end("it expired"));
        opened[0] = new LockSession(requests, runtime, paths);
        return opened[0];
    }

    private void stateChanged(ConnectionState state) {
        LockSession lost = latest();
        // Curator tells late: meanwhile there may be another session, which is not meant.
        if (state == ConnectionState.LOST && lost != null && !lost.requests().isAlive()) {
            lost.end("it expired");
        }
    }

    /** Told before the client ends its session: so nobody believes in a lock any more when the servers give it to another. */
    private void closing(CuratorEvent event) {
        LockSession last = latest();
        if (event.getType() == CuratorEventType.CLOSING && last != null) {
            last.end("its client is being closed");
        }
    }

    private synchronized LockSession latest() {
        return session;
    }

    @Override
    public void close() {
        client.getConnectionStateListenable().removeListener(listener);
        follow(events -> events.removeListener(closing));
    }
}
