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
import io.balsa.raft.adapter.MemorySnapshotStorage;
import io.balsa.raft.adapter.NettyTransport;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.node.DutyRunner;
import io.balsa.raft.node.LoopDutyRunner;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.TaskLoop;
import io.balsa.raft.port.Transport;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** Nodes of Balsa in this JVM. */
public final class BalsaGroup implements ReplicationGroup {
    private static final String CLUSTER = "bench";
    private static final long START_SECONDS = 60;
    private static final byte[] FIRST_COMMAND = new byte[8];

    private static final long LOOK_NANOS = 200_000;

    /** 4096 commands of 16 KiB under way are a little more than what is taken by default; more would be BUSY. */
    private static final long ROOM_BYTES = 128L << 20;

    private static final RaftOptions DURABLE = roomy().build();

    /** A log in memory is garbage that was kept for a while, and a state that is a number costs nothing to write. */
    private static final RaftOptions IN_MEMORY = roomy().compaction(new CompactionPolicy(8L << 20, 1_000_000, 10_000))
            .build();

    private static RaftOptions.Builder roomy() {
        return RaftOptions.builder().inboxBytes(ROOM_BYTES).maxUncommittedBytes(ROOM_BYTES);
    }

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<RaftNode> nodes = new ArrayList<>();
    /** Of each node, on which all of its duties run; the same one for all where nothing is waited for. */
    private final List<TaskLoop> loops = new ArrayList<>();

    private RaftNode leader;

    private BalsaGroup() {}

    /**
     * What may be other than usual.
     *
     * @param options of each node
     * @param transport given that of a node, what it uses instead
     */
    public record Variation(RaftOptions options, UnaryOperator<Transport> transport) {
        public static final Variation NONE = new Variation(RaftOptions.DEFAULT, UnaryOperator.identity());
    }

    /** Starts nodes; there is a leader when it returns. */
    public static BalsaGroup start(Setting setting, LogStorageKind log) throws Exception {
        Variation variation = new Variation(
                setting.durability() == Durability.MEMORY ? IN_MEMORY : DURABLE, UnaryOperator.identity());
        BalsaGroup group = build(setting, log, variation);
        try {
            group.start();
            return group;
        } catch (Exception e) {
            group.close();
            throw e;
        }
    }

    /** Makes nodes that do nothing yet. */
    public static BalsaGroup build(Setting setting, LogStorageKind log, Variation variation) throws Exception {
        BalsaGroup group = new BalsaGroup();
        try {
            group.buildNodes(setting, log, variation);
            return group;
        } catch (Exception e) {
            group.close();
            throw e;
        }
    }

    /** Starts the nodes; there is a leader when it returns. */
    public void start() throws Exception {
        nodes.forEach(RaftNode::start);
        leader = awaitLeader(nodes);
    }

    /** Who led when the group was started. */
    public RaftNode leader() {
        return leader;
    }

    /** All nodes, in the order of their names. */
    public List<RaftNode> nodes() {
        return List.copyOf(nodes);
    }

    /**
     * Stops a node as a debugger would: it neither reads nor writes nor answers, but its connections stay. Only where each node
     * has a thread of its own, so not in memory within the JVM.
     *
     * @return lets it go on when it is closed, which must come before the end of the group
     */
    public Held hold(RaftNode node) {
        CountDownLatch released = new CountDownLatch(1);
        loops.get(nodes.indexOf(node)).execute(() -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return released::countDown;
    }

    /** A node that stands still. */
    @FunctionalInterface
    public interface Held extends AutoCloseable {
        /** Lets it go on. */
        @Override
        void close();
    }

    private void buildNodes(Setting setting, LogStorageKind log, Variation variation) throws IOException {
        Map<NodeId, HostAndPort> addresses = new TreeMap<>();
        for (int i = 1; i <= setting.nodes(); i++) {
            addresses.put(NodeId.of("n" + i), new HostAndPort("127.0.0.1", freePort()));
        }
        LocalNetwork local = new LocalNetwork();
        // Nodes that hand each other objects, and wait for no disk, gain nothing from threads of their own.
        boolean oneThread = setting.network() == Network.SAME_JVM && setting.durability() == Durability.MEMORY;
        NetworkThreads threads = null;
        TaskLoop loop = null;
        DutyRunner runner = null;
        for (NodeId id : addresses.keySet()) {
            RaftNode.Builder node = RaftNode.builder(id)
                    .clusterId(CLUSTER)
                    .initialConfiguration(Configuration.of(List.copyOf(addresses.keySet())))
                    .stateMachine(new CountingMachine())
                    .options(variation.options())
                    .clock(SystemClock.INSTANCE);
            if (setting.durability() == Durability.MEMORY) {
                node.log(new MemoryLogStorage())
                        .hardState(new MemoryHardStateStorage())
                        .snapshots(new MemorySnapshotStorage());
            } else {
                DataDirectory directory =
                        keep(DataDirectory.open(setting.directory().resolve(id.value()), CLUSTER, id));
                node.log(directory.openLog(log))
                        .hardState(directory.openHardState())
                        .snapshots(directory.openSnapshots());
            }
            if (runner == null || !oneThread) {
                threads = keep(NetworkThreads.create(id.value(), 1));
                loop = threads.taskLoop();
                runner = new LoopDutyRunner(loop);
            }
            loops.add(loop);
            node.dutyRunner(runner);
            Transport transport = setting.network() == Network.SAME_JVM
                    ? new LocalTransport(local, id)
                    : new NettyTransport(
                            new NodeIdentity(CLUSTER, id, NodeIdentity.randomId(), NodeIdentity.randomId(), ""),
                            addresses.get(id),
                            addresses,
                            TransportLimits.DEFAULT,
                            KnownPeers.inMemory(),
                            threads);
            node.transport(variation.transport().apply(transport));
            nodes.add(keep(node.build()));
        }
    }

    /** Free a moment ago: each node must know the others' ports before it listens on its own. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until one of some nodes leads: until it has applied a command. */
    public static RaftNode awaitLeader(List<RaftNode> among) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            for (RaftNode node : among) {
                if (node.status().role() == Role.LEADER
                        && node.submit(new ClientRequest.Propose(FIRST_COMMAND)).get(START_SECONDS, TimeUnit.SECONDS)
                                instanceof ClientResponse.Applied) {
                    return node;
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
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
