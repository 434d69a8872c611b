package io.balsa.raft.node;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.GroupLogs;
import io.balsa.raft.port.GroupTransports;
import io.balsa.raft.port.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Runs one node of each of many groups in this process. They share a few threads and one network presence, so that a group in
 * which nothing happens costs next to nothing. In every group, this process goes by the same name. Logs that lie in one place
 * ({@link io.balsa.raft.port.LogStorage#shared()}) are synced together; the host is closed before them. Thread-safe.
 */
public final class RaftHost implements AutoCloseable {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** For drivers and appliers each: as many again may be busy with the network. */
    private static final int THREADS = Math.max(1, PROCESSORS / 2);

    /**
     * Logs wait for the disk most of the time; yet the more of them sync at once, the smaller their batches are. And a snapshot
     * that is written must not keep those from being received that others send.
     */
    private static final int DISK_THREADS = Math.max(2, PROCESSORS);

    private final NodeId id;
    private final GroupTransports transports;
    private final Clock clock;
    private final SharedDutyRunner runner;
    private final Runnable flushAll;
    private final Map<String, RaftNode> nodes = new ConcurrentHashMap<>();
    /** Of the places where logs are that groups share; there is hardly ever more than one. */
    private final Map<GroupLogs, GroupSync> groupSyncs = new ConcurrentHashMap<>();

    private boolean closed;

    /** @param transports owned and closed by the host */
    public RaftHost(NodeId id, GroupTransports transports, Clock clock) {
        this.id = Objects.requireNonNull(id, "id");
        this.transports = Objects.requireNonNull(transports, "transports");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.flushAll = transports::flush;
        this.runner = new SharedDutyRunner(id.value(), THREADS, DISK_THREADS);
    }

    public NodeId id() {
        return id;
    }

    /**
     * Begins to take part in a group.
     *
     * @param group its name, the same on all servers
     * @param description adds to a node what is this group's own: storages, state machine, members and options
     * @return its node, started
     */
    public synchronized RaftNode start(String group, UnaryOperator<RaftNode.Builder> description) {
        if (closed) {
            throw new IllegalStateException("host " + id + " is closed");
        }
        if (nodes.containsKey(group)) {
            throw new IllegalArgumentException("host " + id + " takes part in group '" + group + "' already");
        }
        Transport transport = transports.of(group);
        RaftNode.Builder described;
        try {
            described = description.apply(RaftNode.builder(id)
                    .transport(new HostedTransport(transport, runner, flushAll))
                    .clock(clock)
                    .dutyRunner(runner.forOneNode())
                    .groupSyncs(logs -> Optional.of(groupSyncs.computeIfAbsent(logs, this::startSync))));
        } catch (RuntimeException | Error failure) {
            transport.close();
            throw failure;
        }
        RaftNode node = described.build();
        node.start();
        nodes.put(group, node);
        return node;
    }

    private GroupSync startSync(GroupLogs logs) {
        DutySlot slot = runner.syncSlot();
        GroupSync sync = new GroupSync(logs, clock, () -> runner.signalAfterTurns(slot));
        slot.start(sync, sync::fail);
        return sync;
    }

    /** This host's node in a group. */
    public Optional<RaftNode> node(String group) {
        return Optional.ofNullable(nodes.get(group));
    }

    /** Stops taking part in a group; does nothing if it does not. */
    public void stop(String group) {
        RaftNode node = nodes.remove(group);
        if (node != null) {
            node.close();
        }
    }

    /** Stops all nodes, then the threads and the network. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        List<String> groups = new ArrayList<>(nodes.keySet());
        groups.forEach(this::stop);
        runner.close();
        transports.close();
    }
}
