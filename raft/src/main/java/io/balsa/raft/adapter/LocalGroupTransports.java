package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries the messages of many groups between hosts of one JVM, as the objects that they are. A host has one thread that
 * delivers, and a bounded queue for each group; the groups take turns, and what waits for all of them is bounded as well.
 */
public final class LocalGroupTransports implements GroupTransports {
    /** At most this many messages wait for a group. */
    private static final int MAX_QUEUED_MESSAGES = 4096;

    /** At most about this many bytes of messages wait for a group. */
    private static final long MAX_QUEUED_BYTES = 16L << 20;

    /** At most about this many bytes of messages wait for all groups of a host, besides one small message for each. */
    private static final long MAX_TOTAL_BYTES = 64L << 20;

    private final LocalNetwork network;
    private final NodeId self;
    private final LocalCourier courier;
    private final ByteBudget total;
    private final Map<String, LocalTransport> given = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param network that of all hosts that shall reach each other */
    public LocalGroupTransports(LocalNetwork network, NodeId self) {
        this(network, self, MAX_TOTAL_BYTES);
    }

    LocalGroupTransports(LocalNetwork network, NodeId self, long maxTotalBytes) {
        this.network = Objects.requireNonNull(network, "network");
        this.self = Objects.requireNonNull(self, "self");
        this.courier = new LocalCourier(self.value());
        this.total = new ByteBudget(Integer.MAX_VALUE, maxTotalBytes);
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
        LocalTransport transport = new LocalTransport(
                network.ofGroup(group),
                self,
                MAX_QUEUED_MESSAGES,
                MAX_QUEUED_BYTES,
                courier,
                total,
                ended -> given.remove(group, ended));
        given.put(group, transport);
        return transport;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        List.copyOf(given.values()).forEach(LocalTransport::close);
        courier.close();
    }
}
