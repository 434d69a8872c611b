package io.balsa.statemachine.node;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.KnownPeers;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.adapter.MemoryHardStateStorage;
import io.balsa.raft.adapter.MemoryLogStorage;
import io.balsa.raft.adapter.MemorySnapshotStorage;
import io.balsa.raft.adapter.NettyServiceServer;
import io.balsa.raft.adapter.NettyTransport;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.RuntimeFlags;
import io.balsa.raft.adapter.ServiceLimits;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.node.LoopDutyRunner;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.statemachine.CoordinationStateMachine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts of a {@link CoordinationNode} together, and takes them apart again: in the opposite order, all of them, also
 * when a later one could not be had.
 */
final class NodeAssembly {
    private static final Logger LOG = LoggerFactory.getLogger(NodeAssembly.class);

    private final CoordinationNode.Builder description;
    private final NodeId id;
    private final Map<NodeId, HostAndPort> members = new TreeMap<>();
    private final Deque<Part> parts = new ArrayDeque<>();

    private record Part(String name, AutoCloseable closeable) {}

    private NodeAssembly(CoordinationNode.Builder description) {
        this.description = description;
        this.id = description.id();
        description.members().forEach((member, address) -> members.put(member, parse(member, address)));
        if (!members.containsKey(id)) {
            throw new IllegalArgumentException(
                    "node '" + id + "' must be one of the members, which are " + members.keySet());
        }
        if (description.dataDirectory().isEmpty() && !description.isInMemory()) {
            throw new IllegalArgumentException("node '" + id
                    + "' needs a data directory; if it may forget everything when it ends, say inMemory()");
        }
    }

    private static HostAndPort parse(NodeId member, String address) {
        try {
            return HostAndPort.parse(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("member '" + member + "': " + e.getMessage(), e);
        }
    }

    static CoordinationNode start(CoordinationNode.Builder description) {
        NodeAssembly assembly = new NodeAssembly(description);
        boolean started = false;
        try {
            CoordinationNode node = assembly.start();
            started = true;
            return node;
        } finally {
            if (!started) {
                assembly.takeApart();
            }
        }
    }

    private CoordinationNode start() {
        // First, so that a wrong description opens nothing.
        if (description.logStorage() == LogStorageKind.CHRONICLE) {
            RuntimeFlags.require();
        }
        RaftOptions options = description.raftOptions();
        TransportLimits limits = transportLimits(description.rpcTimeout());
        Storage storage = description.dataDirectory().isPresent() ? openDirectory() : inMemory();
        LateService service = new LateService();
        HostAndPort self = members.get(id);
        String clientHost = description.clientHost().isEmpty() ? self.host() : description.clientHost();
        String listenHost = description.listenHost().isEmpty() ? self.host() : description.listenHost();

        NettyServiceServer server = keep(
                "client port",
                new NettyServiceServer(
                        identity(
                                storage,
                                description.clientPort() == 0 ? "" : address(clientHost, description.clientPort())),
                        new HostAndPort(listenHost, description.clientPort()),
                        new CommandGate(service),
                        ServiceLimits.DEFAULT));
        String clientAddress = address(clientHost, server.port());
        NetworkThreads threads = keep("network threads", NetworkThreads.create(id.value(), 1));
        NettyTransport transport = keep(
                "transport",
                new NettyTransport(
                        identity(storage, clientAddress),
                        new HostAndPort(listenHost, self.port()),
                        members,
                        limits,
                        storage.knownPeers(),
                        threads));
        RaftNode node = keep(
                "node",
                RaftNode.builder(id)
                        .clusterId(description.clusterId())
                        .initialConfiguration(description.initialConfiguration())
                        .log(storage.log())
                        .hardState(storage.hardState())
                        .snapshots(storage.snapshots())
                        .transport(transport)
                        .stateMachine(new CoordinationStateMachine())
                        .clock(SystemClock.INSTANCE)
                        .peerDirectory(transport)
                        .clientAddress(clientAddress)
                        .options(options)
                        // What comes from the other servers is worked on where it is read.
                        .dutyRunner(new LoopDutyRunner(threads.taskLoop()))
                        .build());
        // It closes them itself, or leaves them open when one of its threads still writes.
        parts.removeIf(part -> storage.owns(part.closeable()));
        node.start();
        service.node = Optional.of(node);
        LOG.info("node {} of cluster {} takes clients at {}", id, description.clusterId(), clientAddress);
        return new CoordinationNode(description.clusterId(), clientAddress, node, this::takeApart);
    }

    static TransportLimits transportLimits(Duration rpcTimeout) {
        return TransportLimits.DEFAULT
                .withConnectTimeoutMillis(rpcTimeout.toMillis())
                .withHandshakeTimeoutMillis(rpcTimeout.toMillis());
    }

    private static String address(String host, int port) {
        return new HostAndPort(host, port).toString();
    }

    private NodeIdentity identity(Storage storage, String clientAddress) {
        return new NodeIdentity(description.clusterId(), id, storage.storeId(), storage.bootId(), clientAddress);
    }

    /** What a node remembers by. The node closes log, hard state and snapshots. */
    private record Storage(
            LogStorage log,
            HardStateStorage hardState,
            SnapshotStorage snapshots,
            KnownPeers knownPeers,
            byte[] storeId,
            byte[] bootId) {
        boolean owns(AutoCloseable part) {
            return part == log || part == hardState || part == snapshots;
        }
    }

    private Storage openDirectory() {
        DataDirectory directory = keep(
                "data directory",
                DataDirectory.open(description.dataDirectory().orElseThrow(), description.clusterId(), id));
        return new Storage(
                keep("log", directory.openLog(description.logStorage())),
                keep("hard state", directory.openHardState()),
                keep("snapshots", directory.openSnapshots()),
                directory.openKnownPeers(),
                HexFormat.of().parseHex(directory.storeId()),
                NodeIdentity.randomId());
    }

    private static Storage inMemory() {
        return new Storage(
                new MemoryLogStorage(),
                new MemoryHardStateStorage(),
                new MemorySnapshotStorage(),
                KnownPeers.inMemory(),
                NodeIdentity.randomId(),
                NodeIdentity.randomId());
    }

    private <T extends AutoCloseable> T keep(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    private void takeApart() {
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            try {
                part.closeable().close();
            } catch (Exception e) {
                LOG.warn("node {}: closing its {} failed", id, part.name(), e);
            }
        }
    }

    /** Takes requests from the client port, which has to be open before there is a node that can say where it is. */
    private static final class LateService implements RaftService {
        private volatile Optional<RaftNode> node = Optional.empty();

        @Override
        public CompletableFuture<ClientResponse> submit(ClientRequest request) {
            return node.map(there -> there.submit(request))
                    .orElseGet(
                            () -> CompletableFuture.completedFuture(new ClientResponse.Unavailable("it is starting")));
        }
    }
}
