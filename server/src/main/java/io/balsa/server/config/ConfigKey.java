package io.balsa.server.config;

import java.util.Objects;

/**
 * Every key of the configuration file. {@code []} stands for the items of a list. {@code docs/configuration.md} says the
 * same.
 */
enum ConfigKey {
    CLUSTER_ID("cluster.id", ConfigType.NAME, "The cluster. Nodes of different clusters refuse each other."),
    CLUSTER_JOIN(
            "cluster.join",
            ConfigType.FLAG,
            "false",
            "Whether this node is new in a cluster that is there already: it then waits to be added by `balsa member add`."
                    + " `nodes` names itself and the present members. Once it was added, this has no effect any more."),
    NODE_ID("node.id", ConfigType.NAME, "Which of `nodes` this process is."),
    NODE_DATA_DIRECTORY(
            "node.data_directory",
            ConfigType.PATH,
            "Where this node keeps its log, term, vote and snapshots; made when it is missing. A relative path begins at the directory in"
                    + " which `balsa` is started."),
    NODE_BIND_ADDRESS(
            "node.bind_address",
            ConfigType.HOST,
            "the node's address in `nodes`",
            "Where this node listens, for example `0.0.0.0`, when that is not the address by which the others reach it."),
    NODE_CLIENT_PORT("node.client_port", ConfigType.CLIENT_PORT, "7201", "Where this node takes clients."),
    NODE_CLIENT_ADDRESS(
            "node.client_address",
            ConfigType.HOST,
            "the node's address in `nodes`",
            "The host by which clients reach this node; other nodes send them here while this one leads."),
    NODES_ID(
            "nodes[].id",
            ConfigType.NAME,
            "A node of the cluster. The list of those that found it is the same in each of their files."),
    NODES_ADDRESS("nodes[].address", ConfigType.HOST, "The host by which the other nodes reach it."),
    NODES_PORT("nodes[].port", ConfigType.PEER_PORT, "The port by which the other nodes reach it."),
    NODES_ROLE(
            "nodes[].role",
            ConfigType.ROLE,
            "coordinator",
            "A voting member. `leader`, `follower` and `candidate` are refused: nodes elect their leader themselves."),
    NODES_METADATA("nodes[].metadata", ConfigType.TEXTS, "none", "Notes for people; Balsa does not interpret them."),
    NETWORK_HEARTBEAT_INTERVAL(
            "network.heartbeat_interval",
            ConfigType.DURATION,
            "100ms",
            "How often a leader that has nothing else to send tells the others that it lives."),
    NETWORK_ELECTION_TIMEOUT(
            "network.election_timeout",
            ConfigType.DURATION,
            "500ms",
            "A node that hears of no leader for a random time from this to its double stands for election. At least twice"
                    + " the heartbeat interval, and well above the time that a message and a sync to disk take."
                    + " It may differ from node to node, while it is changed say; a node that gets a lower one stays down for"
                    + " the old one first."),
    NETWORK_RPC_TIMEOUT(
            "network.rpc_timeout",
            ConfigType.DURATION,
            "2s",
            "How long a connection between nodes may take to be made and to be greeted."),
    RAFT_ELECTION_PRIORITY(
            "raft.election_priority",
            ConfigType.PRIORITY,
            "100",
            "The lower, the longer this node waits for others to stand for election before it does."),
    RAFT_MAX_CLOCK_DRIFT_PERCENT(
            "raft.max_clock_drift_percent",
            ConfigType.PERCENT,
            "10",
            "By how much the pace of two nodes' clocks may differ for lease reads to be linearizable. The leader's lease is"
                    + " shorter than the election timeout by this."),
    RAFT_HANDOVER_TIMEOUT(
            "raft.handover_timeout",
            ConfigType.DURATION,
            "2s",
            "How long a leader that is stopped waits for another node to take over."),
    LOG_STORAGE(
            "log.storage",
            ConfigType.LOG_STORAGE,
            "segment",
            "What writes the log: plain files, past the kernel's cache where that is possible or through it, or a Chronicle"
                    + " queue. Each reads what the others wrote, so it may be changed when the node is stopped."),
    SNAPSHOT_LOG_BYTES(
            "snapshot.log_bytes",
            ConfigType.SIZE,
            "64MiB",
            "A snapshot is taken, and the log shortened, when so much was written to the log since the last one."),
    SNAPSHOT_LOG_ENTRIES(
            "snapshot.log_entries",
            ConfigType.COUNT,
            "1000000",
            "A snapshot is taken when so many entries were written to the log since the last one."),
    SNAPSHOT_KEPT_ENTRIES(
            "snapshot.kept_entries",
            ConfigType.COUNT,
            "10000",
            "So many entries before a snapshot stay in the log; a node that lags behind by no more needs no snapshot."),
    SNAPSHOT_MAX_TRANSFER_RATE(
            "snapshot.max_transfer_rate",
            ConfigType.SIZE,
            "64MiB",
            "Snapshots are sent to other nodes no faster than this in a second.");

    private static final String REQUIRED = "";

    private final String path;
    private final ConfigType type;
    private final String defaultText;
    private final String meaning;

    ConfigKey(String path, ConfigType type, String meaning) {
        this(path, type, REQUIRED, meaning);
    }

    ConfigKey(String path, ConfigType type, String defaultText, String meaning) {
        this.path = path;
        this.type = type;
        this.defaultText = Objects.requireNonNull(defaultText, "defaultText");
        this.meaning = meaning;
    }

    String path() {
        return path;
    }

    ConfigType type() {
        return type;
    }

    boolean required() {
        return defaultText.equals(REQUIRED);
    }

    /** The value, or in words what it is derived from. */
    String defaultText() {
        return defaultText;
    }

    String meaning() {
        return meaning;
    }

    /** This key in the item of a list. */
    String path(int item) {
        return path.replace("[]", "[" + item + "]");
    }
}
