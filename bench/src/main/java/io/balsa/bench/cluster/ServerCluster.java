package io.balsa.bench.cluster;

import io.balsa.raft.client.RequestException;
import io.balsa.statemachine.session.Session;
import io.balsa.statemachine.session.SessionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** Three servers of one cluster on this machine, each a process of its own with the jar that users run, durable. */
public final class ServerCluster implements AutoCloseable {
    /** Names the server's jar; {@code ./balsa bench} sets it. */
    public static final String JAR_PROPERTY = "balsa.bench.server";

    private static final int NODES = 3;
    private static final String HOST = "127.0.0.1";
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);
    /** Counts from when the session is asked for, and on a busy machine servers may take long to start. */
    private static final Duration SESSION_TTL = REQUEST_TIMEOUT.multipliedBy(5);

    private final Path directory;
    private final Deque<ServerProcess> servers = new ArrayDeque<>();
    private final List<Member> members = new ArrayList<>();

    private record Member(String id, int peerPort, int clientPort) {}

    private ServerCluster(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts the servers.
     *
     * @param directory empty, for configuration, data and logs
     * @throws IllegalStateException if there is no jar
     */
    public static ServerCluster start(Path directory) throws IOException {
        Path jar = jar();
        ServerCluster cluster = new ServerCluster(directory);
        try {
            cluster.chooseMembers();
            for (Member member : cluster.members) {
                cluster.start(member, jar);
            }
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static Path jar() {
        String jar = System.getProperty(JAR_PROPERTY);
        if (jar == null) {
            throw new IllegalStateException("which jar the servers run is not known: use './balsa bench', or say"
                    + " -D" + JAR_PROPERTY + "=server/target/balsa.jar");
        }
        if (!Files.isRegularFile(Path.of(jar))) {
            throw new IllegalStateException("there is no jar of the server at " + jar
                    + "; build it: mvn -Pquick -pl server -am -Dmaven.test.skip=true package");
        }
        return Path.of(jar);
    }

    private void chooseMembers() throws IOException {
        int[] ports = freePorts(2 * NODES);
        for (int i = 0; i < NODES; i++) {
            members.add(new Member("n" + (i + 1), ports[i], ports[NODES + i]));
        }
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

    private void start(Member member, Path jar) throws IOException {
        Path configuration = directory.resolve(member.id() + ".yaml");
        Files.writeString(configuration, configurationOf(member));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        servers.push(ServerProcess.start(
                List.of(java, "-jar", jar.toString(), "serve", "--config", configuration.toString()),
                directory.resolve(member.id() + ".log")));
    }

    private String configurationOf(Member self) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("cluster:\n  id: bench\n");
        yaml.append("node:\n  id: ").append(self.id()).append('\n');
        yaml.append("  data_directory: '").append(directory.resolve(self.id())).append("'\n");
        yaml.append("  client_port: ").append(self.clientPort()).append('\n');
        yaml.append("nodes:\n");
        for (Member member : members) {
            yaml.append("  - id: ").append(member.id()).append('\n');
            yaml.append("    address: ").append(HOST).append('\n');
            yaml.append("    port: ").append(member.peerPort()).append('\n');
        }
        return yaml.toString();
    }

    /** Opens a session as soon as the servers take one. */
    public Session connect() throws IOException {
        String addresses =
                members.stream().map(member -> HOST + ":" + member.clientPort()).collect(Collectors.joining(","));
        try {
            return Session.connect(
                    addresses,
                    SessionOptions.builder()
                            .requestTimeout(REQUEST_TIMEOUT)
                            .ttl(SESSION_TTL)
                            .build());
        } catch (RequestException e) {
            throw new IllegalStateException("no session with the servers, which say:\n" + outputs(), e);
        }
    }

    private String outputs() throws IOException {
        StringBuilder all = new StringBuilder();
        for (ServerProcess server : servers) {
            all.append(server.output());
        }
        return all.toString();
    }

    /** Of all servers. */
    List<ProcessHandle> processes() {
        return servers.stream().flatMap(server -> server.processes().stream()).toList();
    }

    @Override
    public void close() throws IOException {
        while (!servers.isEmpty()) {
            servers.pop().close();
        }
    }
}
