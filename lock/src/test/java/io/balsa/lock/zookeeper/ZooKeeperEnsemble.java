package io.balsa.lock.zookeeper;

import static org.awaitility.Awaitility.await;

import io.balsa.lock.contract.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.apache.zookeeper.util.ServiceUtils;

/**
 * Three servers of ZooKeeper in this JVM, with their data in a folder. Stopping one closes its connections and sockets and ends
 * its threads, without a word to its clients: their sessions live on. It is not killed in the middle of a write, which is
 * ZooKeeper's own affair.
 */
public final class ZooKeeperEnsemble implements AutoCloseable {
    private static final int SERVERS = 3;
    private static final int TICK_MILLIS = 500;
    private static final int STOP_MILLIS = 30_000;
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private final List<QuorumPeerConfig> configurations = new ArrayList<>();
    private final List<Optional<Server>> servers = new ArrayList<>();

    /** Starts them, and returns when they serve. */
    public ZooKeeperEnsemble(Path directory) {
        System.setProperty("zookeeper.admin.enableServer", "false");
        System.setProperty("zookeeper.jmx.log4j.disable", "true");
        ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
        try {
            configure(directory);
        } catch (IOException | QuorumPeerConfig.ConfigException e) {
            throw new IllegalStateException(e);
        }
        startAll();
    }

    private void configure(Path directory) throws IOException, QuorumPeerConfig.ConfigException {
        List<Integer> ports = TestServers.freePorts(SERVERS * 3);
        for (int i = 0; i < SERVERS; i++) {
            Path data = Files.createDirectories(directory.resolve("server" + (i + 1)));
            Files.writeString(data.resolve("myid"), Integer.toString(i + 1));
            Properties properties = new Properties();
            properties.setProperty("tickTime", Integer.toString(TICK_MILLIS));
            properties.setProperty("initLimit", "40");
            properties.setProperty("syncLimit", "10");
            properties.setProperty("maxSessionTimeout", "60000");
            properties.setProperty("dataDir", data.toString());
            properties.setProperty("clientPortAddress", "127.0.0.1");
            properties.setProperty("clientPort", ports.get(3 * i).toString());
            for (int other = 0; other < SERVERS; other++) {
                properties.setProperty(
                        "server." + (other + 1),
                        "127.0.0.1:" + ports.get(3 * other + 1) + ":" + ports.get(3 * other + 2));
            }
            QuorumPeerConfig configuration = new QuorumPeerConfig();
            configuration.parseProperties(properties);
            configurations.add(configuration);
            servers.add(Optional.empty());
        }
    }

    /** Where clients find each. */
    public List<Integer> ports() {
        return configurations.stream()
                .map(each -> each.getClientPortAddress().getPort())
                .toList();
    }

    /** Where clients find them all. */
    public String address() {
        return ports().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Starts those that do not run, and returns when a majority serves and the others have caught up. */
    public void startAll() {
        for (int i = 0; i < SERVERS; i++) {
            if (servers.get(i).isEmpty()) {
                servers.set(i, Optional.of(new Server(configurations.get(i))));
            }
        }
        await().atMost(START_LIMIT).until(() -> servers.stream()
                .allMatch(server -> server.orElseThrow().serves()));
    }

    /** Stops all. */
    public void stopAll() {
        for (int i = 0; i < SERVERS; i++) {
            stop(i);
        }
    }

    private void stop(int index) {
        Optional<Server> server = servers.set(index, Optional.empty());
        server.ifPresent(Server::end);
    }

    /** Stops the leader. */
    public void stopLeader() {
        stop(leader());
    }

    private int leader() {
        for (int i = 0; i < SERVERS; i++) {
            if (servers.get(i).filter(Server::leads).isPresent()) {
                return i;
            }
        }
        throw new IllegalStateException("no server leads");
    }

    /** The leader's own part, for looking into it. */
    ZooKeeperServer leading() {
        return servers.get(leader()).orElseThrow().active();
    }

    /** All servers' own parts. */
    List<ZooKeeperServer> serving() {
        return servers.stream().flatMap(Optional::stream).map(Server::active).toList();
    }

    @Override
    public void close() {
        stopAll();
    }

    /** One server, on a thread of its own, as its main class would run it. */
    private static final class Server extends QuorumPeerMain {
        private final Thread thread;
        private volatile boolean ended;

        Server(QuorumPeerConfig configuration) {
            thread = new Thread(() -> run(configuration), "zookeeper-" + configuration.getServerId());
            thread.setDaemon(true);
            thread.start();
        }

        private void run(QuorumPeerConfig configuration) {
            try {
                runFromConfig(configuration);
            } catch (Exception e) {
                if (!ended) {
                    throw new IllegalStateException("a server of ZooKeeper could not run", e);
                }
            }
        }

        ZooKeeperServer active() {
            return quorumPeer.getActiveServer();
        }

        boolean serves() {
            QuorumPeer peer = quorumPeer;
            return peer != null
                    && peer.getActiveServer() != null
                    && peer.getActiveServer().isRunning();
        }

        boolean leads() {
            return serves() && quorumPeer.leader != null;
        }

        void end() {
            ended = true;
            close();
            try {
                thread.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new IllegalStateException(thread.getName() + " did not end");
            }
        }
    }
}
