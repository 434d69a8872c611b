package io.balsa.server.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A cluster of processes on loopback, each with its own data directory: nodes {@code n1}, {@code n2}, … */
public final class JarCluster implements AutoCloseable {
    private final Path directory;
    private final Map<String, Integer> peerPorts = new LinkedHashMap<>();
    private final Map<String, Integer> clientPorts = new LinkedHashMap<>();
    private final Map<String, JarProcess> running = new LinkedHashMap<>();
    private final Map<String, Path> dataDirectories = new HashMap<>();
    private final Map<String, List<String>> wrappers = new HashMap<>();
    private final Map<String, String> logStorages = new HashMap<>();
    private final Set<String> joining = new HashSet<>();
    private Optional<FaultyNetwork> network = Optional.empty();
    private int snapshotEntries = 100_000;

    private JarCluster(Path directory, int size) {
        this.directory = directory;
        for (int i = 1; i <= size; i++) {
            peerPorts.put("n" + i, FreePorts.next());
            clientPorts.put("n" + i, FreePorts.next());
        }
    }

    /** Describes a cluster; nothing runs yet. */
    public static JarCluster of(Path directory, int size) {
        return new JarCluster(directory, size);
    }

    /** Starts a cluster, and waits until all its nodes are ready. */
    public static JarCluster start(Path directory, int size) {
        JarCluster cluster = of(directory, size);
        try {
            cluster.startAll();
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    public List<String> ids() {
        return List.copyOf(peerPorts.keySet());
    }

    /** Where all nodes take clients, as {@code --cluster} wants it. */
    public String addresses() {
        return ids().stream().map(this::address).collect(Collectors.joining(","));
    }

    /** Where one node takes clients. */
    public String address(String id) {
        return reachableHost() + ":" + clientPorts.get(id);
    }

    /** Lets the nodes be reached by each other and by clients through a network that can fail; before any is started. */
    public FaultyNetwork behindFaultyNetwork() {
        FaultyNetwork faulty = new FaultyNetwork();
        network = Optional.of(faulty);
        for (String id : ids()) {
            faulty.putBefore(id, peerPorts.get(id));
            faulty.putBefore(id, clientPorts.get(id));
        }
        return faulty;
    }

    /** Gives a node, from its next start on, another data directory and a command that its process is started by. */
    public void place(String id, Path dataDirectory, List<String> wrapper) {
        dataDirectories.put(id, dataDirectory);
        wrappers.put(id, List.copyOf(wrapper));
    }

    /** What writes a node's log from its next start on, as {@code log.storage} has it. */
    public void setLogStorage(String id, String kind) {
        logStorages.put(id, kind);
    }

    /** Nodes that are started from now on take a snapshot after so many entries. */
    public void setSnapshotEntries(int entries) {
        snapshotEntries = entries;
    }

    /** Starts one more node that waits to be added, and waits until it is ready. */
    public JarProcess join(String id) {
        peerPorts.put(id, FreePorts.next());
        clientPorts.put(id, FreePorts.next());
        joining.add(id);
        return start(id);
    }

    /** Where the other nodes reach one. */
    public String peerAddress(String id) {
        return reachableHost() + ":" + peerPorts.get(id);
    }

    public int peerPort(String id) {
        return peerPorts.get(id);
    }

    public Path dataDirectory(String id) {
        return dataDirectories.getOrDefault(id, directory.resolve(id));
    }

    private String reachableHost() {
        return network.isPresent() ? FaultyNetwork.HOST : FaultyNetwork.REAL_HOST;
    }

    /** Writes a node's configuration file. */
    public Path configure(String id) {
        StringBuilder yaml = new StringBuilder("cluster:\n  id: test\n  join: " + joining.contains(id)
                + "\nlog:\n  storage: " + logStorages.getOrDefault(id, "segment")
                + "\nsnapshot:\n  log_entries: " + snapshotEntries + "\n  kept_entries: " + snapshotEntries / 10
                + "\nnode:\n  id: " + id + "\n  data_directory: \""
                + dataDirectory(id) + "\"\n  client_port: " + clientPorts.get(id)
                + (network.isPresent() ? "\n  bind_address: " + FaultyNetwork.REAL_HOST : "") + "\nnodes:\n");
        peerPorts.forEach((peer, port) ->
                yaml.append("  - {id: " + peer + ", address: " + reachableHost() + ", port: " + port + "}\n"));
        try {
            return Files.writeString(directory.resolve(id + ".yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one node, without waiting until it is ready. */
    public JarProcess launch(String id) {
        JarProcess process = JarProcess.start(
                directory,
                Map.of(),
                wrappers.getOrDefault(id, List.of()),
                List.of("serve", "--config", configure(id).toString()));
        running.put(id, process);
        return process;
    }

    /** Starts one node, and waits until it is ready. */
    public JarProcess start(String id) {
        JarProcess process = launch(id);
        process.awaitLine(line -> line.startsWith("ready:"));
        return process;
    }

    /** Starts all nodes that do not run, at the same time, and waits until they are ready. */
    public void startAll() {
        List<JarProcess> launched = new ArrayList<>();
        for (String id : ids()) {
            if (!running.containsKey(id)) {
                launched.add(launch(id));
            }
        }
        launched.forEach(process -> process.awaitLine(line -> line.startsWith("ready:")));
    }

    /** The running process of a node. */
    public JarProcess node(String id) {
        return Objects.requireNonNull(running.get(id), id + " does not run");
    }

    /** Ends a node with SIGKILL. */
    public void kill(String id) {
        node(id).kill();
        running.remove(id);
    }

    /** Ends a node with SIGTERM. */
    public JarProcess.Result stop(String id) {
        JarProcess.Result result = node(id).terminate();
        running.remove(id);
        return result;
    }

    /** Whether a node was started, and neither stopped nor found at its end since. */
    public boolean isRunning(String id) {
        return running.containsKey(id);
    }

    /** Waits for a node to end by itself. */
    public JarProcess.Result awaitEnd(String id) {
        JarProcess.Result result = node(id).awaitEnd();
        running.remove(id);
        return result;
    }

    /** Leaves a node out that has ended by itself. */
    public void forget(String id) {
        running.remove(id);
    }

    /** What one node says of itself, and what it has applied. */
    public NodeView view(String id) {
        return new NodeView(FaultyNetwork.REAL_HOST + ":" + clientPorts.get(id));
    }

    /** Waits until a majority agrees on a leader that runs, and gives its id. */
    public String awaitLeader() {
        return await("a leader")
                .atMost(JarProcess.PATIENCE)
                .until(this::leader, Optional::isPresent)
                .orElseThrow();
    }

    private Optional<String> leader() {
        Cli.Result result = cli("status", "--output", "json");
        if (result.exitCode() != 0) {
            return Optional.empty();
        }
        return Optional.ofNullable((String) result.json().get("leader")).filter(running::containsKey);
    }

    /** Runs a client command in this JVM, against all nodes of the cluster. */
    public Cli.Result cli(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        int end = all.indexOf("--");
        all.add(end < 0 ? all.size() : end, "--cluster=" + addresses());
        return Cli.run(all);
    }

    @Override
    public void close() {
        running.values().forEach(JarProcess::close);
        running.clear();
        network.ifPresent(FaultyNetwork::close);
    }
}
