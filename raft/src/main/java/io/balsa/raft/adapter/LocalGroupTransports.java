package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Carries the messages of many groups between hosts of one JVM, as a {@link LocalTransport} does those of one. */
public final class LocalGroupTransports implements GroupTransports {
    private final LocalNetwork network;
    private final NodeId self;
    private final Map<String, LocalTransport> given = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param network that of all hosts that shall reach each other */
    public LocalGroupTransports(LocalNetwork network, NodeId self) {
        this.network = Objects.requireNonNull(network, "network");
        this.self = Objects.requireNonNull(self, "self");
    }

    @Override
    public synchronized Transport of(String group) {
        GroupNames.check(group);
        if (closed) {
            throw new IllegalStateException("the transports of node " + self + " are closed");
        }
        if (given.containsKey(group)) {
            throw GroupNames.taken(group);
        }
        LocalTransport transport =
                new LocalTransport(network.ofGroup(group), self, ended -> given.remove(group, ended));
        given.put(group, transport);
        return transport;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        List.copyOf(given.values()).forEach(LocalTransport::close);
    }
}
