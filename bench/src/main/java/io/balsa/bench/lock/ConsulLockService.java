package io.balsa.bench.lock;

import io.balsa.bench.peer.LoopbackPorts;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import io.balsa.lock.consul.ConsulLock;
import io.balsa.lock.consul.ConsulLockOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Locks of three Consul servers, with the program that is installed on this machine. */
final class ConsulLockService implements LockService {
    static final String PROGRAM = "consul";
    private static final int SERVERS = 3;
    private static final String HOST = "127.0.0.1";
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(1);

    /** Of all clients of a benchmark, which have one address. */
    private static final int MAX_CONNECTIONS = 10_000;

    /** What {@link ConsulLockOptions} takes at most. */
    private static final int MAX_REQUESTS = 128;

    private final ServerProcesses processes = new ServerProcesses();
    private final List<Integer> ports;
    private int leader;

    /** @param ports of each server three: for clients, for its peers, for gossip */
    private ConsulLockService(List<Integer> ports) {
        this.ports = ports;
    }

    static ConsulLockService start(Path directory) throws IOException, InterruptedException {
        Path program = InstalledProgram.find(PROGRAM);
        ConsulLockService service = new ConsulLockService(LoopbackPorts.freeTcp(3 * SERVERS));
        for (int i = 0; i < SERVERS; i++) {
            service.start(i, program, directory.resolve("server" + (i + 1)));
        }
        service.processes.await("a leader of Consul", service::hasLeader);
        service.processes.await("a write at Consul", service::takesWrites);
        return service;
    }

    private void start(int index, Path program, Path data) throws IOException {
        Files.createDirectories(data);
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "agent",
                "-server",
                "-bootstrap-expect=" + SERVERS,
                "-node=n" + (index + 1),
                "-disable-host-node-id",
                "-data-dir=" + data,
                "-bind=" + HOST,
                "-client=" + HOST,
                "-http-port=" + httpPort(index),
                "-server-port=" + peerPort(index),
                "-serf-lan-port=" + gossipPort(index),
                "-serf-wan-port=-1",
                "-dns-port=-1",
                "-log-level=warn",
                "-hcl=disable_update_check = true",
                "-hcl=connect { enabled = false }",
                "-hcl=performance { raft_multiplier = 1 }",
                "-hcl=limits { http_max_conns_per_client = " + MAX_CONNECTIONS + " }"));
        for (int i = 0; i < SERVERS; i++) {
            command.add("-retry-join=" + HOST + ":" + gossipPort(i));
        }
        command.add("-retry-interval=1s");
        processes.start(command, data.resolve("consul.log"));
    }

    private int httpPort(int index) {
        return ports.get(3 * index);
    }

    private int peerPort(int index) {
        return ports.get(3 * index + 1);
    }

    private int gossipPort(int index) {
        return ports.get(3 * index + 2);
    }

    /** They elect one when all three have found each other. */
    private boolean hasLeader() {
        String answer = ServerProbe.ask(httpPort(0), "GET /v1/status/leader HTTP/1.0\r\n\r\n");
        for (int i = 0; i < SERVERS; i++) {
            if (answer.contains('"' + HOST + ":" + peerPort(i) + '"')) {
                leader = i;
                return true;
            }
        }
        return false;
    }

    private boolean takesWrites() {
        return ServerProbe.ask(httpPort(leader), "PUT /v1/kv/serves HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
                .trim()
                .endsWith("true");
    }

    @Override
    public String durability() {
        return "three servers, raft_multiplier=1: a request is answered when a majority has synced it to disk, as Consul always"
                + " does; clients speak to the leader";
    }

    @Override
    public DistributedLock open(int outstanding) {
        return ConsulLock.connect(
                HOST + ":" + httpPort(leader),
                ConsulLockOptions.defaults()
                        .withRequestTimeout(REQUEST_TIMEOUT)
                        .withRequests(Math.min(outstanding, MAX_REQUESTS)),
                LockOptions.defaults());
    }

    @Override
    public void close() throws IOException {
        processes.close();
    }
}
