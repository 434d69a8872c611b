package io.balsa.bench.balsa;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.KnownPeers;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.adapter.MemoryHardStateStorage;
import io.balsa.raft.adapter.MemoryLogStorage;
import io.balsa.raft.adapter.MemorySnapshotStorage;
import io.balsa.raft.adapter.NettyGroupTransports;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.SharedGroupLogs;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.node.RaftHost;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Many groups on three hosts of Balsa in this JVM, which speak TCP over loopback. */
public final class HostedGroups implements AutoCloseable {
    private static final String CLUSTER = "bench";
    private static final int HOSTS = 3;
    /** While so many groups start at once on few processors, they should not keep on electing. */
    private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);

    /** Where the logs are that are durable. */
    public enum Log {
        /** Those of a host in one place, with one sync for all. */
        SHARED,
        /** Each in a place of its own. */
        OWN
    }

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<RaftHost> hosts = new ArrayList<>();
    private final Map<NodeId, SharedGroupLogs> sharedLogs = new HashMap<>();
    private final List<RaftNode> leaders = new ArrayList<>();

    private HostedGroups() {}

    /**
     * Starts groups; all of them have a leader when it returns.
     *
     * @param log of no effect without durable data
     * @param directory empty, for durable data
     */
    public static HostedGroups start(int groups, Durability durability, Log log, Path directory) throws Exception {
        HostedGroups started = new HostedGroups();
        try {
            started.startHosts();
            if (durability == Durability.FSYNC && log == Log.SHARED) {
                started.hosts.forEach(host -> started.shareLog(host.id(), directory));
            }
            started.startGroups(groups, durability, directory);
            return started;
        } catch (Exception e) {
            started.close();
            throw e;
        }
    }

    private void startHosts() throws IOException {
        Map<NodeId, HostAndPort> addresses = new TreeMap<>();
        for (int i = 1; i <= HOSTS; i++) {
            addresses.put(NodeId.of("h" + i), new HostAndPort("127.0.0.1", BalsaGroup.freePort()));
        }
        addresses.forEach((id, address) -> {
            NodeIdentity identity = new NodeIdentity(CLUSTER, id, NodeIdentity.randomId(), NodeIdentity.randomId(), "");
            hosts.add(keep(new RaftHost(
                    id,
                    new NettyGroupTransports(
                            identity, address, addresses, TransportLimits.DEFAULT, KnownPeers.inMemory()),
                    SystemClock.INSTANCE)));
        });
    }

    /** The hosts are closed before it. */
    private void shareLog(NodeId host, Path directory) {
        DataDirectory opened =
                DataDirectory.open(directory.resolve(host.value()).resolve("logs"), CLUSTER, host);
        SharedGroupLogs logs = SharedGroupLogs.open(opened);
        parts.addLast(logs);
        parts.addLast(opened);
        sharedLogs.put(host, logs);
    }

    private void startGroups(int groups, Durability durability, Path directory) throws Exception {
        List<List<RaftNode>> members = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            String group = "group-" + i;
            List<RaftNode> nodes = new ArrayList<>();
            for (RaftHost host : hosts) {
                Path data = directory.resolve(host.id().value()).resolve(group);
                nodes.add(host.start(group, node -> described(node, group, groups, host.id(), durability, data)));
            }
            members.add(nodes);
        }
        for (List<RaftNode> nodes : members) {
            leaders.add(BalsaGroup.awaitLeader(nodes));
        }
    }

    private RaftNode.Builder described(
            RaftNode.Builder node, String group, int groups, NodeId host, Durability durability, Path data) {
        RaftOptions options = RaftOptions.builder()
                .electionTimeout(ELECTION_TIMEOUT)
                .maxCachedBytes(RaftOptions.DEFAULT.maxCachedBytes() / groups)
                .compaction(durability == Durability.MEMORY ? sharedAmong(groups) : CompactionPolicy.DEFAULT)
                .build();
        node.voters(hosts.stream().map(RaftHost::id).toList())
                .clusterId(CLUSTER)
                .options(options)
                .stateMachine(new CountingMachine());
        if (durability == Durability.MEMORY) {
            // Without snapshots its log would fill the heap.
            return node.log(new MemoryLogStorage())
                    .hardState(new MemoryHardStateStorage())
                    .snapshots(new MemorySnapshotStorage());
        }
        DataDirectory opened = DataDirectory.open(data, CLUSTER, host);
        // The hosts are closed before it.
        parts.addLast(opened);
        SharedGroupLogs shared = sharedLogs.get(host);
        return node.log(shared == null ? opened.openLog(LogStorageKind.SEGMENT) : opened.openLog(shared, group))
                .hardState(opened.openHardState())
                .snapshots(opened.openSnapshots());
    }

    /** The logs of all groups together take as much memory as that of one alone. */
    private static CompactionPolicy sharedAmong(int groups) {
        CompactionPolicy one = CompactionPolicy.DEFAULT;
        return new CompactionPolicy(
                one.maxLogBytes() / groups, one.maxLogEntries() / groups, one.keptEntries() / groups);
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.addFirst(part);
        return part;
    }

    /**
     * Replicates a command in a group; does not wait.
     *
     * @param group its number, from 0
     */
    public void submit(int group, byte[] command, ReplicationGroup.Completion completion) {
        CompletableFuture<?> unused = leaders.get(group)
                .submit(new ClientRequest.Propose(command))
                .whenComplete((response, failure) -> completion.done(
                        response instanceof ClientResponse.Applied
                                ? null
                                : new IllegalStateException(String.valueOf(response), failure)));
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("can't end a host", e);
            }
        }
    }
}
