package io.balsa.server.config;

import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.core.NodeId;
import io.balsa.server.DurationFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What one node of a cluster is started with.
 *
 * @param bindAddress where it listens
 * @param clientPort where it takes clients; 0: one that the system chooses
 * @param clientAddress the host by which clients reach it
 * @param nodes all voting members, this one among them; or just some, when it joins
 * @param join whether it waits to be added to a cluster
 */
public record ServerConfig(
        String clusterId,
        NodeId nodeId,
        Path dataDirectory,
        String bindAddress,
        int clientPort,
        String clientAddress,
        List<Member> nodes,
        Duration heartbeatInterval,
        Duration electionTimeout,
        Duration rpcTimeout,
        boolean join,
        RaftSettings raft,
        LogStorageKind logStorage,
        SnapshotSettings snapshots) {
    private static final int MAX_COUNT = 1_000_000_000;
    private static final long MIN_LOG_BYTES = 1;
    private static final long MIN_TRANSFER_RATE = 1 << 10;

    /**
     * A member of the cluster.
     *
     * @param metadata notes for people
     */
    public record Member(NodeId id, String address, int port, Map<String, String> metadata) {
        public Member {
            metadata = Map.copyOf(metadata);
        }

        /** {@code host:port} where the other nodes reach it; an IPv6 address stands in brackets. */
        public String endpoint() {
            return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
        }
    }

    /** How the node takes part in elections and leadership. */
    public record RaftSettings(int electionPriority, int maxClockDriftPercent, Duration handoverTimeout) {}

    /**
     * When snapshots are taken and how fast they are sent.
     *
     * @param maxTransferRate in bytes a second
     */
    public record SnapshotSettings(long logBytes, long logEntries, long keptEntries, long maxTransferRate) {}

    public ServerConfig {
        nodes = List.copyOf(nodes);
    }

    /**
     * Reads a configuration file.
     *
     * @throws ConfigException if anything in it is wrong
     */
    public static ServerConfig read(Path file) {
        ConfigTree tree = ConfigTree.read(file);
        List<Member> nodes = readNodes(tree);
        NodeId nodeId = required(tree, ConfigKey.NODE_ID.path(), ConfigValue::nodeId);
        Member self = nodes.stream()
                .filter(node -> node.id().equals(nodeId))
                .findFirst()
                .orElseThrow(() -> valueAt(tree, ConfigKey.NODE_ID.path())
                        .wrong("'" + nodeId + "' is not the id of one of nodes"));
        ServerConfig config = new ServerConfig(
                required(tree, ConfigKey.CLUSTER_ID.path(), ConfigValue::name),
                nodeId,
                required(tree, ConfigKey.NODE_DATA_DIRECTORY.path(), ConfigValue::directory),
                optional(tree, ConfigKey.NODE_BIND_ADDRESS.path(), ConfigValue::host, self.address()),
                withDefault(tree, ConfigKey.NODE_CLIENT_PORT, value -> value.port(0)),
                optional(tree, ConfigKey.NODE_CLIENT_ADDRESS.path(), ConfigValue::host, self.address()),
                nodes,
                withDefault(tree, ConfigKey.NETWORK_HEARTBEAT_INTERVAL, ConfigValue::duration),
                withDefault(tree, ConfigKey.NETWORK_ELECTION_TIMEOUT, ConfigValue::duration),
                withDefault(tree, ConfigKey.NETWORK_RPC_TIMEOUT, ConfigValue::duration),
                withDefault(tree, ConfigKey.CLUSTER_JOIN, ConfigValue::flag),
                readRaft(tree),
                withDefault(tree, ConfigKey.LOG_STORAGE, ConfigValue::logStorage),
                readSnapshots(tree));
        checkTogether(tree, config, self);
        return config;
    }

    /** This node's own entry in {@link #nodes}. */
    public Member self() {
        return nodes.stream()
                .filter(node -> node.id().equals(nodeId))
                .findFirst()
                .orElseThrow();
    }

    private static RaftSettings readRaft(ConfigTree tree) {
        return new RaftSettings(
                withDefault(tree, ConfigKey.RAFT_ELECTION_PRIORITY, value -> value.number(1, 100)),
                withDefault(tree, ConfigKey.RAFT_MAX_CLOCK_DRIFT_PERCENT, value -> value.number(0, 50)),
                withDefault(tree, ConfigKey.RAFT_HANDOVER_TIMEOUT, ConfigValue::duration));
    }

    private static SnapshotSettings readSnapshots(ConfigTree tree) {
        return new SnapshotSettings(
                withDefault(tree, ConfigKey.SNAPSHOT_LOG_BYTES, value -> value.size(MIN_LOG_BYTES)),
                withDefault(tree, ConfigKey.SNAPSHOT_LOG_ENTRIES, value -> value.number(1, MAX_COUNT)),
                withDefault(tree, ConfigKey.SNAPSHOT_KEPT_ENTRIES, value -> value.number(0, MAX_COUNT)),
                withDefault(tree, ConfigKey.SNAPSHOT_MAX_TRANSFER_RATE, value -> value.size(MIN_TRANSFER_RATE)));
    }

    private static void checkTogether(ConfigTree tree, ServerConfig config, Member self) {
        Duration twice = config.heartbeatInterval.multipliedBy(2);
        if (config.electionTimeout.compareTo(twice) < 0) {
            // At least one of the two is given: the defaults go together.
            ConfigKey blamed =
                    tree.value(ConfigKey.NETWORK_ELECTION_TIMEOUT.path()).isPresent()
                            ? ConfigKey.NETWORK_ELECTION_TIMEOUT
                            : ConfigKey.NETWORK_HEARTBEAT_INTERVAL;
            throw valueAt(tree, blamed.path())
                    .wrong("the election timeout, %s, is less than twice the heartbeat interval, %s"
                            .formatted(
                                    DurationFormat.format(config.electionTimeout),
                                    DurationFormat.format(config.heartbeatInterval)));
        }
        if (config.clientPort == self.port()) {
            throw tree.value(ConfigKey.NODE_CLIENT_PORT.path())
                    .or(() -> tree.value(ConfigKey.NODES_PORT.path(config.nodes.indexOf(self))))
                    .orElseThrow()
                    .wrong("'" + config.clientPort
                            + "' would be this node's port both for clients and for other nodes");
        }
    }

    private static List<Member> readNodes(ConfigTree tree) {
        if (tree.items() == 0) {
            throw tree.missing("nodes");
        }
        List<Member> nodes = new ArrayList<>();
        Map<Object, String> seen = new HashMap<>();
        for (int i = 0; i < tree.items(); i++) {
            String idPath = ConfigKey.NODES_ID.path(i);
            String portPath = ConfigKey.NODES_PORT.path(i);
            Member node = new Member(
                    required(tree, idPath, ConfigValue::nodeId),
                    required(tree, ConfigKey.NODES_ADDRESS.path(i), ConfigValue::host),
                    required(tree, portPath, value -> value.port(1)),
                    tree.texts(ConfigKey.NODES_METADATA.path(i)));
            tree.value(ConfigKey.NODES_ROLE.path(i)).ifPresent(ServerConfig::checkRole);
            checkUnique(tree, seen, node.id(), idPath, "'" + node.id() + "'");
            checkUnique(tree, seen, node.endpoint(), portPath, "the address " + node.endpoint());
            nodes.add(node);
        }
        return nodes;
    }

    private static void checkUnique(ConfigTree tree, Map<Object, String> seen, Object what, String path, String text) {
        String first = seen.putIfAbsent(what, path);
        if (first != null) {
            throw valueAt(tree, path).wrong(text + " is already that of " + first);
        }
    }

    private static void checkRole(ConfigValue role) {
        switch (role.text()) {
            case "coordinator" -> {}
            case "leader", "follower", "candidate" ->
                throw role.wrong("'" + role.text() + "' is elected, not configured; expected coordinator, or no role");
            default -> throw role.wrong("'" + role.text() + "' is no role that a node can have; expected coordinator");
        }
    }

    private static ConfigValue valueAt(ConfigTree tree, String path) {
        return tree.value(path).orElseThrow(() -> tree.missing(path));
    }

    private static <T> T required(ConfigTree tree, String path, Function<ConfigValue, T> type) {
        return type.apply(valueAt(tree, path));
    }

    private static <T> T optional(ConfigTree tree, String path, Function<ConfigValue, T> type, T otherwise) {
        return tree.value(path).map(type).orElse(otherwise);
    }

    private static <T> T withDefault(ConfigTree tree, ConfigKey key, Function<ConfigValue, T> type) {
        ConfigValue byDefault = new ConfigValue(tree.file(), 0, key.path(), key.defaultText());
        return type.apply(tree.value(key.path()).orElse(byDefault));
    }
}
