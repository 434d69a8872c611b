package io.balsa.raft.adapter;

import io.balsa.raft.core.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Connects the {@link LocalTransport}s and {@link LocalGroupTransports} of one JVM: whoever has started is reached by its name. Thread-safe. */
public final class LocalNetwork {
    private final Map<NodeId, LocalTransport> started = new ConcurrentHashMap<>();
    private final Map<String, LocalNetwork> groups = new ConcurrentHashMap<>();

    /** That of one of many groups, apart from all others. */
    LocalNetwork ofGroup(String group) {
        return groups.computeIfAbsent(group, unused -> new LocalNetwork());
    }

    void join(LocalTransport transport) {
        if (started.putIfAbsent(transport.self(), transport) != null) {
            throw new IllegalStateException("a node " + transport.self() + " is in this network already");
        }
    }

    void leave(LocalTransport transport) {
        if (started.remove(transport.self(), transport)) {
            started.values().forEach(other -> other.lost(transport.self()));
        }
    }

    /** The transport of a node, or null if it has not started or has ended. */
    LocalTransport find(NodeId node) {
        return started.get(node);
    }
}
