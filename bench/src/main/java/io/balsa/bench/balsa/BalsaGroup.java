package io.balsa.bench.balsa;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.KnownPeers;
import io.balsa.raft.adapter.LocalNetwork;
import io.balsa.raft.adapter.LocalTransport;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.adapter.MemoryHardStateStorage;
import io.balsa.raft.adapter.MemoryLogStorage;
import io.balsa.raft.adapter.NettyTransport;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.node.LoopDutyRunner;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Nodes of Balsa in this JVM. */
final class BalsaGroup implements ReplicationGroup {
    private static final String CLUSTER = "bench";
    private static final long START_SECONDS = 60;
    private static final byte[] FIRST_COMMAND = new byte[8];

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<RaftNode> nodes = new ArrayList<>();
    private RaftNode leader;

    private BalsaGroup() {}

    static BalsaGroup start(Setting setting, LogStorageKind log) throws Exception {
        BalsaGroup group = new BalsaGroup();
        try {
            group.startNodes(setting, log);
            group.leader = group.awaitLeader();
            return group;
        } catch (Exception e) {
            group.close();
            throw e;
        }
    }

    private void startNodes(Setting setting, LogStorageKind log) throws IOException {
        Map<NodeId, HostAndPort> addresses = new TreeMap<>();
        for (int i = 1; i <= setting.nodes(); i++) {
            addresses.put(NodeId.of("n" + i), new HostAndPort("127.0.0.1", freePort()));
        }
        LocalNetwork local = new LocalNetwork();
        for (NodeId id : addresses.keySet()) {
            RaftNode.Builder node = RaftNode.builder(id)
                    .clusterId(CLUSTER)
                    .initialConfiguration(Configuration.of(List.copyOf(addresses.keySet())))
                    .stateMachine(new CountingMachine())
                    .clock(SystemClock.INSTANCE);
            if (setting.durability() == Durability.MEMORY) {
                node.log(new MemoryLogStorage()).hardState(new MemoryHardStateStorage());
            } else {
                DataDirectory directory =
                        keep(DataDirectory.open(setting.directory().resolve(id.value()), CLUSTER, id));
                node.log(directory.openLog(log)).hardState(directory.openHardState());
            }
            if (setting.network() == Network.SAME_JVM) {
                node.transport(new LocalTransport(local, id));
            } else {
                NetworkThreads threads = keep(NetworkThreads.create(id.value(), 1));
                node.dutyRunner(new LoopDutyRunner(threads.taskLoop()))
                        .transport(new NettyTransport(
                                new NodeIdentity(CLUSTER, id, NodeIdentity.randomId(), NodeIdentity.randomId(), ""),
                                addresses.get(id),
                                addresses,
                                TransportLimits.DEFAULT,
                                KnownPeers.inMemory(),
                                threads));
            }
            nodes.add(keep(node.build()));
        }
        nodes.forEach(RaftNode::start);
    }

    /** Free a moment ago: each node must know the others' ports before it listens on its own. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Whoever takes a command leads. */
    private RaftNode awaitLeader() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            for (RaftNode node : nodes) {
                if (node.status().role() == Role.LEADER
                        && node.submit(new ClientRequest.Propose(FIRST_COMMAND)).get(START_SECONDS, TimeUnit.SECONDS)
                                instanceof ClientResponse.Applied) {
                    return node;
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new TimeoutException("no leader within " + START_SECONDS + " s");
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    @Override
    public void submit(byte[] command, Completion completion) {
        CompletableFuture<?> unused = leader.submit(new ClientRequest.Propose(command))
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
                throw new IllegalStateException("can't end a node", e);
            }
        }
    }
}
