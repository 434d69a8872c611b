package io.balsa.raft.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/** Some real nodes with real threads in this JVM, over memory and a network whose links can be cut. */
final class TestCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** One server and what it is made of; the storages outlive its node. */
    static final class Server {
        final NodeId id;
        final TestLog log = new TestLog();
        final TestHardState hardState = new TestHardState();
        final TestSnapshots snapshots = new TestSnapshots();
        /** It is added to the group later, and knows nobody before. */
        final boolean joins;

        TestNetwork.Endpoint transport;
        TestMachine machine;
        RaftNode node;

        Server(NodeId id, boolean joins) {
            this.id = id;
            this.joins = joins;
        }

        ClientResponse propose(String command) {
            return answer(new ClientRequest.Propose(TestMachine.bytes(command)));
        }

        ClientResponse read(ReadConsistency consistency, String query) {
            return answer(new ClientRequest.Read(consistency, 0, TestMachine.bytes(query), 10_000));
        }

        ClientResponse answer(ClientRequest request) {
            return node.submit(request)
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }

        boolean leads() {
            return node.status().role() == Role.LEADER;
        }
    }

    final TestNetwork network = new TestNetwork();
    final Map<NodeId, Server> servers = new ConcurrentSkipListMap<>();
    private final RaftOptions options;

    TestCluster(int size) {
        this(size, size == 1 ? options().build() : patientOptions().build());
    }

    TestCluster(int size, RaftOptions options) {
        this.options = options;
        for (int i = 1; i <= size; i++) {
            NodeId id = NodeId.of("n" + i);
            servers.put(id, new Server(id, false));
        }
    }

    /** For a server alone, which nobody can disturb. */
    static RaftOptions.Builder options() {
        return RaftOptions.builder().heartbeatInterval(Duration.ofMillis(20)).electionTimeout(Duration.ofMillis(60));
    }

    /** For several, whose leader must outlast the moments in which a busy machine lets its threads wait. */
    static RaftOptions.Builder patientOptions() {
        return RaftOptions.builder().heartbeatInterval(Duration.ofMillis(50)).electionTimeout(Duration.ofSeconds(1));
    }

    TestCluster start() {
        servers.values().forEach(this::start);
        return this;
    }

    /** Starts a server that waits to be added. */
    Server join(String name) {
        Server server = new Server(NodeId.of(name), true);
        servers.put(server.id, server);
        start(server);
        return server;
    }

    private Configuration initialConfiguration(Server server) {
        return server.joins
                ? Configuration.EMPTY
                : Configuration.of(servers.values().stream()
                        .filter(founder -> !founder.joins)
                        .map(founder -> founder.id)
                        .toList());
    }

    /** Starts a server, or starts it again with the storages that it had. */
    void start(Server server) {
        build(server);
        server.node.start();
    }

    void build(Server server) {
        server.transport = network.endpoint(server.id);
        server.machine = new TestMachine();
        server.node = RaftNode.builder(server.id)
                .initialConfiguration(initialConfiguration(server))
                .clusterId("test")
                .log(server.log)
                .hardState(server.hardState)
                .snapshots(server.snapshots)
                .transport(server.transport)
                .stateMachine(server.machine)
                .clock(SystemClock.INSTANCE)
                .peerDirectory(peer -> peer + ":1")
                .clientAddress(server.id + ":1")
                .options(options)
                .build();
    }

    Server server(String id) {
        return servers.get(NodeId.of(id));
    }

    Server only() {
        return servers.values().iterator().next();
    }

    List<Server> others(Server not) {
        List<Server> others = new ArrayList<>(servers.values());
        others.remove(not);
        return others;
    }

    /** Waits for a leader that has committed an entry of its term, and that a majority knows of. */
    Server awaitLeader() {
        return awaitLeaderAmong(List.copyOf(servers.values()));
    }

    static Server awaitLeaderAmong(List<Server> candidates) {
        return await("a leader")
                .atMost(PATIENCE)
                .until(
                        () -> candidates.stream()
                                .filter(Server::leads)
                                .filter(server -> server.read(ReadConsistency.LINEARIZABLE, "list")
                                        instanceof ClientResponse.Answer)
                                .findFirst()
                                .orElse(null),
                        leader -> leader != null);
    }

    /** Waits until all servers have applied the same words. */
    void awaitWords(String... words) {
        await("all servers have applied all").atMost(PATIENCE).untilAsserted(() -> assertThat(servers.values())
                .allSatisfy(server -> assertThat(server.machine.words()).containsExactly(words)));
    }

    static String text(ClientResponse response) {
        if (response instanceof ClientResponse.Applied applied) {
            return new String(applied.result(), UTF_8);
        }
        assertThat(response).isInstanceOf(ClientResponse.Answer.class);
        return new String(((ClientResponse.Answer) response).answer(), UTF_8);
    }

    @Override
    public void close() {
        for (Server server : servers.values()) {
            server.log.openGate();
            server.hardState.openGate();
            if (server.node != null) {
                server.machine.openGate();
                server.node.close();
            }
        }
    }
}
