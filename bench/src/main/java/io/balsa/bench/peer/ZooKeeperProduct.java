package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Version;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.admin.AdminServer.AdminServerException;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.apache.zookeeper.util.ServiceUtils;

/** Apache ZooKeeper: an ensemble in this JVM and a client connected to its leader. */
final class ZooKeeperProduct implements ReplicationProduct {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int SESSION_TIMEOUT_MILLIS = 30_000;
    private static final int CLOSE_LIMIT_MILLIS = 5_000;
    private static final String NODE = "/bench";

    @Override
    public String name() {
        return "zookeeper";
    }

    @Override
    public String version() {
        return Version.getVersion();
    }

    @Override
    public String configuration() {
        return "tickTime=2000, initLimit=10, syncLimit=5 as in its getting started guide, else defaults, admin server off; fsync:"
                + " forceSync=yes, memory: log on disk with forceSync=no. Commands by a client's asynchronous setData over TCP"
                + " to the leader, since it has no way to be embedded.";
    }

    @Override
    public boolean supports(Setting setting) {
        return setting.network() == Network.TCP;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        System.setProperty("zookeeper.forceSync", setting.durability() == Durability.FSYNC ? "yes" : "no");
        System.setProperty("zookeeper.admin.enableServer", "false");
        System.setProperty("zookeeper.jmx.log4j.disable", "true");
        ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
        OpenParts parts = new OpenParts(name());
        try {
            List<Server> servers = new ArrayList<>();
            for (QuorumPeerConfig config : configs(setting)) {
                Server server = new Server(config);
                parts.add(server::end);
                servers.add(server);
                server.begin();
            }
            Deadline deadline = Deadline.in(START_LIMIT);
            deadline.await("a leader of ZooKeeper", () -> leader(servers).isPresent());
            ZooKeeper client = connect(leader(servers).orElseThrow().clientPort(), parts);
            client.create(NODE, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            return PeerGroup.serving(
                    parts,
                    (command, completion) -> client.setData(
                            NODE, command, -1, (code, path, context, stat) -> completion.done(failure(code)), null),
                    START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static List<QuorumPeerConfig> configs(Setting setting) throws Exception {
        List<Integer> ports = LoopbackPorts.freeTcp(3 * setting.nodes());
        List<QuorumPeerConfig> configs = new ArrayList<>();
        for (int node = 0; node < setting.nodes(); node++) {
            int number = node + 1;
            Path directory = Files.createDirectories(setting.directory().resolve("n" + number));
            Files.writeString(directory.resolve("myid"), Integer.toString(number));
            Properties properties = new Properties();
            properties.setProperty("tickTime", "2000");
            properties.setProperty("initLimit", "10");
            properties.setProperty("syncLimit", "5");
            properties.setProperty("dataDir", directory.toString());
            properties.setProperty("clientPortAddress", "127.0.0.1");
            properties.setProperty("clientPort", ports.get(3 * node).toString());
            for (int other = 0; other < setting.nodes(); other++) {
                properties.setProperty(
                        "server." + (other + 1),
                        "127.0.0.1:" + ports.get(3 * other + 1) + ":" + ports.get(3 * other + 2));
            }
            QuorumPeerConfig config = new QuorumPeerConfig();
            config.parseProperties(properties);
            configs.add(config);
        }
        return configs;
    }

    private static Optional<Server> leader(List<Server> servers) {
        return servers.stream().filter(Server::leads).findFirst();
    }

    private static ZooKeeper connect(int port, OpenParts parts) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper("127.0.0.1:" + port, SESSION_TIMEOUT_MILLIS, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        parts.add(() -> client.close(CLOSE_LIMIT_MILLIS));
        if (!connected.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new TimeoutException("no connection to ZooKeeper's leader at port " + port);
        }
        return client;
    }

    private static KeeperException failure(int code) {
        return code == 0 ? null : KeeperException.create(KeeperException.Code.get(code));
    }

    /** One server of the ensemble, on a thread of its own, as its main class would run it. */
    private static final class Server extends QuorumPeerMain {

        private final QuorumPeerConfig config;
        private final Thread thread;

        Server(QuorumPeerConfig config) {
            this.config = config;
            this.thread = new Thread(this::run, "zookeeper-" + config.getServerId());
        }

        void begin() {
            thread.start();
        }

        private void run() {
            try {
                runFromConfig(config);
            } catch (IOException | AdminServerException e) {
                throw new IllegalStateException("a server of ZooKeeper could not run", e);
            }
        }

        int clientPort() {
            return config.getClientPortAddress().getPort();
        }

        boolean leads() {
            QuorumPeer peer = quorumPeer;
            return peer != null
                    && peer.leader != null
                    && peer.getActiveServer() != null
                    && peer.getActiveServer().isRunning();
        }

        void end() throws InterruptedException {
            close();
            thread.join(CLOSE_LIMIT_MILLIS);
        }
    }
}
