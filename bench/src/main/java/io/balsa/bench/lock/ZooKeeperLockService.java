package io.balsa.bench.lock;

import io.balsa.bench.peer.LoopbackPorts;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.zookeeper.ZooKeeperLock;
import io.balsa.lock.zookeeper.ZooKeeperLockOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/** Locks of a ZooKeeper ensemble: its servers run the classes that this JVM has of it. */
final class ZooKeeperLockService implements LockService {
    private static final int SERVERS = 3;
    private static final String HOST = "127.0.0.1";
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(1);

    /** Else they would say nothing, as the one of this JVM's own peers do. */
    private static final String LOGGING = "<configuration><appender name='console'"
            + " class='ch.qos.logback.core.ConsoleAppender'><encoder><pattern>%d %-5level %logger{20}: %msg%n</pattern>"
            + "</encoder></appender><root level='ERROR'><appender-ref ref='console'/></root></configuration>";

    private final ServerProcesses processes = new ServerProcesses();
    private final List<Integer> ports;
    private int leaderPort;

    /** @param ports of each server three: for clients, for its peers, for elections */
    private ZooKeeperLockService(List<Integer> ports) {
        this.ports = ports;
    }

    static ZooKeeperLockService start(Path directory) throws IOException, InterruptedException {
        ZooKeeperLockService service = new ZooKeeperLockService(LoopbackPorts.freeTcp(3 * SERVERS));
        Path logging = Files.writeString(directory.resolve("logback.xml"), LOGGING);
        for (int i = 0; i < SERVERS; i++) {
            service.start(i, directory.resolve("server" + (i + 1)), logging);
        }
        service.processes.await("a leader of ZooKeeper", service::hasLeader);
        return service;
    }

    private void start(int index, Path data, Path logging) throws IOException {
        Files.createDirectories(data);
        Files.writeString(data.resolve("myid"), String.valueOf(index + 1));
        Path configuration = data.resolve("zoo.cfg");
        try (OutputStream out = Files.newOutputStream(configuration)) {
            configurationOf(index, data).store(out, null);
        }
        processes.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dzookeeper.forceSync=yes",
                        "-Dzookeeper.admin.enableServer=false",
                        "-Dzookeeper.jmx.log4j.disable=true",
                        "-Dlogback.configurationFile=" + logging,
                        "-cp",
                        System.getProperty("java.class.path"),
                        QuorumPeerMain.class.getName(),
                        configuration.toString()),
                data.resolve("zookeeper.log"));
    }

    private Properties configurationOf(int index, Path data) {
        Properties properties = new Properties();
        properties.setProperty("tickTime", "2000");
        properties.setProperty("initLimit", "10");
        properties.setProperty("syncLimit", "5");
        properties.setProperty("dataDir", data.toString());
        properties.setProperty("clientPortAddress", HOST);
        properties.setProperty("clientPort", String.valueOf(ports.get(3 * index)));
        for (int i = 0; i < SERVERS; i++) {
            properties.setProperty("server." + (i + 1), HOST + ":" + ports.get(3 * i + 1) + ":" + ports.get(3 * i + 2));
        }
        return properties;
    }

    private boolean hasLeader() {
        for (int i = 0; i < SERVERS; i++) {
            int port = ports.get(3 * i);
            if (ServerProbe.ask(port, "srvr").contains("Mode: leader")) {
                leaderPort = port;
                return true;
            }
        }
        return false;
    }

    @Override
    public String durability() {
        return "three servers, tickTime=2000, initLimit=10, syncLimit=5, forceSync=yes: a request is answered when a majority has"
                + " synced it to disk; clients speak to the leader";
    }

    @Override
    public DistributedLock open(int outstanding) {
        return ZooKeeperLock.connect(
                HOST + ":" + leaderPort,
                ZooKeeperLockOptions.defaults().withRequestTimeout(REQUEST_TIMEOUT),
                LockOptions.defaults());
    }

    @Override
    public void close() throws IOException {
        processes.close();
    }
}
