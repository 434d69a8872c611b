package io.balsa.statemachine.node;

import io.balsa.raft.core.NodeId;
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

/** One server of a cluster: the Raft node with its log, its connections, its state machine and its client port. */
@SuppressWarnings("DoNotCallSuggester")
public final class CoordinationNode implements AutoCloseable {
    private CoordinationNode() {}

    /** Begins to describe a node, a member of a cluster. */
    public static Builder builder(String nodeId) {
        return new Builder(NodeId.of(nodeId));
    }

    /** Its name. */
    public NodeId id() {
        throw new UnsupportedOperationException();
    }

    /** {@code host:port} where it takes clients. */
    public String clientAddress() {
        throw new UnsupportedOperationException();
    }

    /** What it says of itself. */
    public NodeStatus status() {
        throw new UnsupportedOperationException();
    }

    /** Opens a session in process. It survives this node's leadership, not this node. */
    public Session openSession() {
        return openSession(SessionOptions.defaults());
    }

    /** Opens a session in process. */
    public Session openSession(SessionOptions options) {
        throw new UnsupportedOperationException(options.toString());
    }

    /**
     * Completes when the node has stopped: normally after {@link #close}; exceptionally, with the cause, when it halted
     * because going on could have done harm.
     */
    public CompletableFuture<Void> halted() {
        throw new UnsupportedOperationException();
    }

    /** Stops the node and ends its threads. Closing twice does nothing. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Gathers what describes a node. */
    public static final class Builder {
        private final NodeId id;
        private final Map<NodeId, String> members = new TreeMap<>();
        private String clusterId = "balsa";
        private Optional<Path> dataDirectory = Optional.empty();
        private String clientHost = "";
        private int clientPort;
        private Duration heartbeatInterval = Duration.ofMillis(100);
        private Duration electionTimeout = Duration.ofMillis(500);
        private Duration rpcTimeout = Duration.ofSeconds(2);

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

        /** Which cluster this is, so that members of another are refused; {@code balsa} unless set. */
        public Builder clusterId(String newClusterId) {
            this.clusterId = Objects.requireNonNull(newClusterId, "clusterId");
            return this;
        }

        /** Where it keeps what must survive a restart. It is made if it is missing. */
        public Builder dataDirectory(Path directory) {
            this.dataDirectory = Optional.of(directory);
            return this;
        }

        /** Keeps everything in memory: for tests. A node that restarts so has forgotten what it promised. */
        public Builder inMemory() {
            this.dataDirectory = Optional.empty();
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

        /** How often a leader that has nothing to send says that it is there; 100 ms unless set. */
        public Builder heartbeatInterval(Duration interval) {
            this.heartbeatInterval = interval;
            return this;
        }

        /** A follower campaigns when it hears of no leader for a random time from this to its double; 500 ms unless set. */
        public Builder electionTimeout(Duration timeout) {
            this.electionTimeout = timeout;
            return this;
        }

        /** How long one exchange with another server may take; 2 s unless set. */
        public Builder rpcTimeout(Duration timeout) {
            this.rpcTimeout = timeout;
            return this;
        }

        /**
         * Starts the node.
         *
         * @throws IllegalArgumentException if the description is wrong; the message names what
         */
        public CoordinationNode start() {
            throw new UnsupportedOperationException(id + " of " + clusterId + members + dataDirectory + clientHost
                    + clientPort + heartbeatInterval + electionTimeout + rpcTimeout);
        }
    }
}
