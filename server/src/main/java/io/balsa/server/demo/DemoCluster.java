package io.balsa.server.demo;

import io.balsa.raft.core.Role;
import io.balsa.raft.port.NodeStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Three nodes of one cluster, each a process of its own on loopback, with durable data below one directory.
 *
 * <p>Thread-safe: {@link #close()} may come from the shutdown hook at any time, and nothing is started after it.
 */
final class DemoCluster implements AutoCloseable {
    private static final int NODES = 3;
    private static final String HOST = "127.0.0.1";
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);

    private final Path directory;
    private final Function<Path, List<String>> serveCommand;
    private final StatusProbe probe;
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private boolean closed;

    /**
     * Describes a cluster; nothing is written or started yet.
     *
     * @param directory for configuration, data and logs
     * @param serveCommand the command that serves a configuration file
     */
    DemoCluster(Path directory, Function<Path, List<String>> serveCommand, StatusProbe probe) {
        this.directory = directory;
        this.serveCommand = serveCommand;
        this.probe = probe;
    }

    /** Chooses ports and writes the nodes' configuration files. */
    void configure() throws IOException {
        int[] ports = freePorts(2 * NODES);
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node("n" + (i + 1), ports[i], ports[NODES + i]));
        }
        for (Node node : nodes) {
            Files.writeString(node.configFile(), configuration(node));
        }
    }

    /** Client addresses of all nodes, as {@code --cluster} takes them. */
    String addresses() {
        return nodes.stream().map(Node::clientAddress).collect(Collectors.joining(","));
    }

    /** Client ports of all nodes, for people. */
    String ports() {
        return nodes.stream().map(node -> Integer.toString(node.clientPort)).collect(Collectors.joining(", "));
    }

    List<String> names() {
        return nodes.stream().map(node -> node.name).toList();
    }

    /** Starts every node. */
    void startAll() {
        nodes.forEach(this::start);
    }

    /** Starts a node, for the first time or again. */
    void start(String name) {
        start(node(name));
    }

    private synchronized void start(Node node) {
        if (closed) {
            return;
        }
        try {
            node.process = new ProcessBuilder(serveCommand.apply(node.configFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(node.logFile().toFile()))
                    .start();
        } catch (IOException e) {
            throw new DemoFailure("node " + node.name + " could not be started: " + e.getMessage(), e);
        }
    }

    /** Ends a node's process at once, as {@code kill -9} does. */
    void kill(String name) {
        Process process = node(name).process;
        process.destroyForcibly();
        awaitEnd(name, process);
    }

    /** What a node says of itself; empty if it does not answer. */
    Optional<NodeStatus> status(String name) {
        return probe.status(node(name).clientAddress());
    }

    /** The node that leads in the latest term that any node knows of. */
    Optional<String> leader() {
        return nodes.stream()
                .flatMap(node -> status(node.name).stream())
                .filter(status -> status.role() == Role.LEADER)
                .max((a, b) -> Long.compare(a.term(), b.term()))
                .map(status -> status.id().value());
    }

    /** Fails if a node's process has ended by itself. */
    synchronized void checkAlive(String name) {
        Process process = node(name).process;
        if (!closed && !process.isAlive()) {
            throw new DemoFailure("node " + name + " ended with exit code " + process.exitValue());
        }
    }

    /** The last lines that every node logged. */
    String logTails(int lines) {
        StringBuilder tails = new StringBuilder();
        for (Node node : nodes) {
            try {
                List<String> log = Files.readAllLines(node.logFile(), StandardCharsets.UTF_8);
                tails.append("--- ").append(node.name).append('\n');
                log.subList(Math.max(0, log.size() - lines), log.size())
                        .forEach(line -> tails.append(line).append('\n'));
            } catch (IOException e) {
                tails.append("--- ").append(node.name).append(": no log\n");
            }
        }
        return tails.toString();
    }

    /** Ends all processes at once, and starts no other. */
    @Override
    public void close() {
        List<Node> started;
        synchronized (this) {
            closed = true;
            started = nodes.stream().filter(node -> node.process != null).toList();
            started.forEach(node -> node.process.destroyForcibly());
        }
        started.forEach(node -> awaitEnd(node.name, node.process));
    }

    private void awaitEnd(String name, Process process) {
        try {
            if (!process.waitFor(KILL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DemoFailure("node " + name + ", process " + process.pid() + ", did not end after SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Node node(String name) {
        return nodes.stream().filter(node -> node.name.equals(name)).findFirst().orElseThrow();
    }

    private String configuration(Node node) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("cluster:\n  id: demo\n");
        yaml.append("node:\n  id: ").append(node.name).append('\n');
        yaml.append("  data_directory: '").append(directory.resolve(node.name)).append("'\n");
        yaml.append("  client_port: ").append(node.clientPort).append('\n');
        yaml.append("nodes:\n");
        for (Node member : nodes) {
            yaml.append("  - id: ").append(member.name).append('\n');
            yaml.append("    address: ").append(HOST).append('\n');
            yaml.append("    port: ").append(member.peerPort).append('\n');
        }
        return yaml.toString();
    }

    /** Ports that are free now: all are held at once, so that no two are the same. */
    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Asks a node for its status. */
    interface StatusProbe {
        /** The status of the node that takes clients at an address; empty if it does not answer soon. */
        Optional<NodeStatus> status(String clientAddress);
    }

    private final class Node {
        private final String name;
        private final int peerPort;
        private final int clientPort;
        private Process process;

        Node(String name, int peerPort, int clientPort) {
            this.name = name;
            this.peerPort = peerPort;
            this.clientPort = clientPort;
        }

        String clientAddress() {
            return HOST + ":" + clientPort;
        }

        Path configFile() {
            return directory.resolve(name + ".yaml");
        }

        Path logFile() {
            return directory.resolve(name + ".log");
        }
    }

    /** Deletes a directory and all that is in it. */
    static void deleteRecursively(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not delete " + directory, e);
        }
    }
}
