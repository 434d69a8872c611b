package io.balsa.statemachine.node;

import io.balsa.raft.core.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Real nodes in one process, over loopback; in memory, or durable in a directory. */
public final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration ELECTION_TIMEOUT = Duration.ofMillis(300);
    private static final int FIRST_PORT = 12_000;
    private static final int PORTS = 16_000;
    /** Processes that test at the same time begin at different places. */
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 127 % PORTS));

    private final Map<String, String> addresses = new LinkedHashMap<>();
    private final Map<String, Integer> clientPorts = new LinkedHashMap<>();
    private final Map<String, CoordinationNode> running = new TreeMap<>();
    private final Optional<Path> directory;
    private final Duration electionTimeout;

    private TestCluster(int size, Optional<Path> directory, Duration electionTimeout) {
        this.directory = directory;
        this.electionTimeout = electionTimeout;
        List<Integer> ports = freePorts(2 * size);
        for (int i = 0; i < size; i++) {
            addresses.put("n" + (i + 1), "127.0.0.1:" + ports.get(2 * i));
            clientPorts.put("n" + (i + 1), ports.get(2 * i + 1));
        }
    }

    /** Starts nodes n1, n2, … that forget everything when they end. */
    public static TestCluster inMemory(int size) {
        return new TestCluster(size, Optional.empty(), ELECTION_TIMEOUT).startAll();
    }

    /** The same with another election timeout. */
    public static TestCluster inMemory(int size, Duration electionTimeout) {
        return new TestCluster(size, Optional.empty(), electionTimeout).startAll();
    }

    /** Starts nodes n1, n2, … with data in subdirectories. */
    public static TestCluster durable(int size, Path directory) {
        return new TestCluster(size, Optional.of(directory), ELECTION_TIMEOUT).startAll();
    }

    /**
     * Ports that were free a moment ago, all different. Not from the range out of which the system takes the local ports of
     * outgoing connections: clients dial all the while, and a node that is started again must find its ports free.
     */
    private static List<Integer> freePorts(int count) {
        List<Integer> ports = new ArrayList<>();
        for (int tried = 0; ports.size() < count && tried < PORTS; tried++) {
            int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                ports.add(socket.getLocalPort());
            } catch (IOException e) {
                // Somebody listens there.
            }
        }
        if (ports.size() < count) {
            throw new IllegalStateException("no port is free");
        }
        return ports;
    }

    private TestCluster startAll() {
        boolean started = false;
        try {
            addresses.keySet().forEach(this::start);
            started = true;
            return this;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    /** Starts a node that does not run. */
    public CoordinationNode start(String id) {
        CoordinationNode.Builder builder = CoordinationNode.builder(id)
                .clusterId("test")
                .clientPort(clientPorts.get(id))
                .heartbeatInterval(Duration.ofMillis(50))
                .electionTimeout(electionTimeout);
        addresses.forEach(builder::member);
        directory.ifPresentOrElse(path -> builder.dataDirectory(path.resolve(id)), builder::inMemory);
        CoordinationNode node = builder.start();
        running.put(id, node);
        return node;
    }

    /** Ends a node without handing over anything. */
    public void stop(String id) {
        running.remove(id).close();
    }

    /** The node that leads, as soon as one does. */
    public String awaitLeader() {
        return Awaitility.await("a leader")
                .atMost(PATIENCE)
                .until(
                        () -> running.entrySet().stream()
                                .filter(node -> node.getValue().status().role() == Role.LEADER)
                                .max((a, b) -> Long.compare(
                                        a.getValue().status().term(),
                                        b.getValue().status().term()))
                                .map(Map.Entry::getKey),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** A running node that does not lead. */
    public String awaitFollower() {
        String leader = awaitLeader();
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    /** A running node. */
    public CoordinationNode node(String id) {
        return running.get(id);
    }

    /** All running nodes. */
    public Collection<CoordinationNode> nodes() {
        return running.values();
    }

    /** All client addresses, for {@code Session.connect}. */
    public String clientAddresses() {
        return clientPorts.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        running.values().forEach(CoordinationNode::close);
        running.clear();
    }
}
