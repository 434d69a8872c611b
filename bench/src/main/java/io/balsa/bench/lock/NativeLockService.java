package io.balsa.bench.lock;

import io.balsa.bench.cluster.ServerCluster;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.NativeLock;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Balsa's own locks, at three servers with the jar that users run. */
final class NativeLockService implements LockService {
    private final ServerCluster servers;
    private final Deque<Session> sessions = new ArrayDeque<>();

    private NativeLockService(ServerCluster servers) {
        this.servers = servers;
    }

    static NativeLockService start(Path directory) throws IOException {
        return new NativeLockService(ServerCluster.start(directory));
    }

    @Override
    public String durability() {
        return "three servers of Balsa's jar, default configuration: a request is answered when a majority has synced it to disk";
    }

    @Override
    public DistributedLock open(int outstanding) throws IOException {
        Session session = servers.connect();
        sessions.push(session);
        return NativeLock.on(session);
    }

    @Override
    public void close() throws IOException {
        try {
            while (!sessions.isEmpty()) {
                sessions.pop().close();
            }
        } finally {
            servers.close();
        }
    }
}
