package io.balsa.statemachine.node;

import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.adapter.NettyRaftService;
import io.balsa.raft.adapter.NetworkThreads;
import io.balsa.raft.adapter.ServiceConnectionLimits;
import io.balsa.raft.client.RaftClient;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.node.CompactionPolicy;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.NodeStatus;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One server of a cluster, to be embedded: the Raft node with its log, its connections, its state machine and its client
 * port. Thread-safe.
 */
public final class CoordinationNode implements AutoCloseable {
    private final String clusterId;
    private final String clientAddress;
    private final RaftNode node;
    private final Runnable closeAll;
    private final AtomicBoolean closed = new AtomicBoolean();
    private NetworkThreads sessionThreads;

    CoordinationNode(String clusterId, String clientAddress, RaftNode node, Runnable closeAll) {
        this.clusterId = clusterId;
        this.clientAddress = clientAddress;
        this.node = node;
        this.closeAll = closeAll;
    }

    /** Begins to describe a node, a member of a cluster. */
    public static Builder builder(String nodeId) {
        return new Builder(NodeId.of(nodeId));
    }

    /** Its name. */
    public NodeId id() {
        return node.id();
    }

    /** {@code host:port} where it takes clients. */
    public String clientAddress() {
        return clientAddress;
    }

    /** What it says of itself. */
    public NodeStatus status() {
        return node.status();
    }

    /** Who belongs to the cluster, as this node's log says, committed or not. */
    public Configuration members() {
        return node.members();
    }

    /** Completed when the node turns out to take no part in its cluster any more; see {@link RaftNode#excluded}. */
    public CompletableFuture<Exclusion> excluded() {
        return node.excluded();
    }

    /** Changes who belongs to the cluster; see {@link RaftNode#changeMembership}. */
    public CompletableFuture<ClientResponse> changeMembership(MembershipChange change) {
        return node.changeMembership(change);
    }

    /** Hands the leadership over; see {@link RaftNode#transferLeadership}. */
    public CompletableFuture<ClientResponse> transferLeadership(Optional<NodeId> target) {
        return node.transferLeadership(target);
    }

    /** Opens a session with the usual options; see {@link #openSession(SessionOptions)}. */
    public Session openSession() {
        return openSession(SessionOptions.defaults());
    }

    /**
     * Opens a session in process. It reads here what needs no leader, and finds the leader where this node says it is. It
     * outlives this node's leadership, but not this node: close it first.
     */
    public Session openSession(SessionOptions options) {
        ServiceConnectionLimits limits = ServiceConnectionLimits.DEFAULT.withRequestTimeoutMillis(
                options.requestTimeout().toMillis());
        NetworkThreads threads = sessionThreads();
        RaftClient client = RaftClient.builder()
                .name(id().value())
                .service(clientAddress, node)
                .preferred(clientAddress)
                .connector(address -> new NettyRaftService(HostAndPort.parse(address), clusterId, limits, threads))
                .executor(Runnable::run)
                .build();
        return Session.over(client, options, client::close);
    }

    private synchronized NetworkThreads sessionThreads() {
        if (closed.get()) {
            throw new IllegalStateException("node " + id() + " is closed");
        }
        if (sessionThreads == null) {
            sessionThreads = NetworkThreads.create(id() + "-sessions", 1);
        }
        return sessionThreads;
    }

    /**
     * Completes when the node has stopped: normally after {@link #close}; exceptionally, with the cause, when it halted
     * because going on could have done harm. The process that embeds it then usually ends.
     */
    public CompletableFuture<Void> halted() {
        return node.halted();
    }

    /** Stops the node, after it has handed its leadership over, and ends its threads. Closing twice does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closeAll.run();
        synchronized (this) {
            if (sessionThreads != null) {
                sessionThreads.close();
            }
        }
    }

    /** Gathers what describes a node. */
    public static final class Builder {
        private final NodeId id;
        private final Map<NodeId, String> members = new TreeMap<>();
        private String clusterId = "balsa";
        private Optional<Path> dataDirectory = Optional.empty();
        private boolean inMemory;
        private LogStorageKind logStorage = LogStorageKind.SEGMENT;
        private String clientHost = "";
        private String listenHost = "";
        private int clientPort;
        private Duration heartbeatInterval = Duration.ofMillis(100);
        private Duration electionTimeout = Duration.ofMillis(500);
        private Duration rpcTimeout = Duration.ofSeconds(2);
        private Duration handoverTimeout = Duration.ofSeconds(2);
        private boolean joining;
        private CompactionPolicy compaction = CompactionPolicy.DEFAULT;
        private long maxSnapshotBytesPerSecond = RaftOptions.DEFAULT.maxSnapshotBytesPerSecond();
        private int electionPriority = RaftOptions.DEFAULT.electionPriority();
        private int maxClockDriftPercent = RaftOptions.DEFAULT.maxClockDriftPercent();

        private Builder(NodeId id) {
            this.id = id;
        }

        /**
         * Names a member of the cluster, this node among them.
         *
         * @param address {@code host:port} where it takes its peers
         */
        public Builder member(String nodeId, String address) {
            members.put(NodeId.of(nodeId), address);
            return this;
        }

        /**
         * Lets the node wait until it is added, as a learner, to a cluster that is there already, whose members are named as
         * well as itself. Once it was added, this has no effect any more.
         */
        public Builder join() {
            this.joining = true;
            return this;
        }

        /** Which cluster this is, so that members of another are refused; {@code balsa} unless set. */
        public Builder clusterId(String newClusterId) {
            this.clusterId = Objects.requireNonNull(newClusterId, "clusterId");
            return this;
        }

        /** Where it keeps what must survive a restart. It is made if it is missing. */
        public Builder dataDirectory(Path directory) {
            this.dataDirectory = Optional.of(directory);
            this.inMemory = false;
            return this;
        }

        /** Keeps everything in memory: for tests. A node that restarts so has forgotten what it promised. */
        public Builder inMemory() {
            this.dataDirectory = Optional.empty();
            this.inMemory = true;
            return this;
        }

        /** How it writes its log; {@link LogStorageKind#SEGMENT} unless set. It may change with every start. */
        public Builder logStorage(LogStorageKind kind) {
            this.logStorage = Objects.requireNonNull(kind, "kind");
            return this;
        }

        /** The port where it takes clients; one from the system unless set. */
        public Builder clientPort(int port) {
            this.clientPort = port;
            return this;
        }

        /** The host name or address that clients reach it by; that of its member address unless set. */
        public Builder clientHost(String host) {
            this.clientHost = Objects.requireNonNull(host, "host");
            return this;
        }

        /** Where it listens, for example on {@code 0.0.0.0}; on the host of its member address unless set. */
        public Builder listenHost(String host) {
            this.listenHost = Objects.requireNonNull(host, "host");
            return this;
        }

        /** How often a leader that has nothing to send says that it is there; 100 ms unless set. */
        public Builder heartbeatInterval(Duration interval) {
            this.heartbeatInterval = interval;
            return this;
        }

        /**
         * A follower campaigns when it hears of no leader for a random time from this to its double; 500 ms unless set. It may
         * differ from node to node; a node that is started with a lower one than before must have been down for the old one,
         * since the lease of a leader may count on it.
         */
        public Builder electionTimeout(Duration timeout) {
            this.electionTimeout = timeout;
            return this;
        }

        /** How long a connection between nodes may take to be made and to be greeted; 2 s unless set. */
        public Builder rpcTimeout(Duration timeout) {
            this.rpcTimeout = timeout;
            return this;
        }

        /** How long a leader that is closed waits for another to take over; 2 s unless set, zero for not at all. */
        public Builder handoverTimeout(Duration timeout) {
            this.handoverTimeout = timeout;
            return this;
        }

        /** When a snapshot is taken, and how much of the log stays for slow followers. */
        public Builder compaction(CompactionPolicy policy) {
            this.compaction = policy;
            return this;
        }

        /** A leader sends snapshots to others no faster than this; 64 MiB unless set. */
        public Builder maxSnapshotBytesPerSecond(long bytes) {
            this.maxSnapshotBytesPerSecond = bytes;
            return this;
        }

        /** From 1 to 100, which is usual: the lower, the longer this node waits for others to campaign before it does. */
        public Builder electionPriority(int priority) {
            this.electionPriority = priority;
            return this;
        }

        /** From 0 to 50: by how much the pace of two nodes' clocks may differ for lease reads to be right; 10 unless set. */
        public Builder maxClockDriftPercent(int percent) {
            this.maxClockDriftPercent = percent;
            return this;
        }

        /**
         * Starts the node.
         *
         * @throws IllegalArgumentException if the description is wrong; the message names what
         * @throws io.balsa.raft.adapter.MissingRuntimeFlagsException if the JVM lacks flags that {@link
         *     LogStorageKind#CHRONICLE} needs, and that is the log
         * @throws io.balsa.raft.adapter.DataDirectoryException if the data directory is in use, damaged or another's
         * @throws java.io.UncheckedIOException if an address can't be listened on
         */
        public CoordinationNode start() {
            return NodeAssembly.start(this);
        }

        NodeId id() {
            return id;
        }

        Map<NodeId, String> members() {
            return members;
        }

        String clusterId() {
            return clusterId;
        }

        Optional<Path> dataDirectory() {
            return dataDirectory;
        }

        LogStorageKind logStorage() {
            return logStorage;
        }

        boolean isInMemory() {
            return inMemory;
        }

        String clientHost() {
            return clientHost;
        }

        String listenHost() {
            return listenHost;
        }

        int clientPort() {
            return clientPort;
        }

        RaftOptions raftOptions() {
            return RaftOptions.builder()
                    .heartbeatInterval(heartbeatInterval)
                    .electionTimeout(electionTimeout)
                    .handoverTimeout(handoverTimeout)
                    .compaction(compaction)
                    .maxSnapshotBytesPerSecond(maxSnapshotBytesPerSecond)
                    .electionPriority(electionPriority)
                    .maxClockDriftPercent(maxClockDriftPercent)
                    .build();
        }

        /** What the node takes for the cluster's members until its log says otherwise. */
        Configuration initialConfiguration() {
            return joining ? Configuration.EMPTY : Configuration.of(members);
        }

        Duration rpcTimeout() {
            return rpcTimeout;
        }
    }
}
