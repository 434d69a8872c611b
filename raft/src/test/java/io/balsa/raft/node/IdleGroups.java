package io.balsa.raft.node;

import com.sun.management.OperatingSystemMXBean;
import io.balsa.raft.adapter.HostAndPort;
import io.balsa.raft.adapter.KnownPeers;
import io.balsa.raft.adapter.MemoryHardStateStorage;
import io.balsa.raft.adapter.MemoryLogStorage;
import io.balsa.raft.adapter.MemorySnapshotStorage;
import io.balsa.raft.adapter.NettyGroupTransports;
import io.balsa.raft.adapter.NodeIdentity;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.adapter.TransportLimits;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Measures what idle groups cost: three hosts in this JVM that speak TCP over loopback, and so many groups of three. Prints the
 * processor time of the whole JVM, in percent of a core. A measurement to be run by hand, not a test: {@code main [GROUPS]
 * [WARM-UP SECONDS] [SECONDS]}.
 */
public final class IdleGroups {
    private IdleGroups() {}

    /** Runs the measurement. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int groups = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int warmUpSeconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 30;
        Map<NodeId, HostAndPort> addresses = new TreeMap<>();
        for (int i = 1; i <= 3; i++) {
            addresses.put(NodeId.of("h" + i), new HostAndPort("127.0.0.1", freePort()));
        }
        List<RaftHost> hosts = new ArrayList<>();
        for (NodeId id : addresses.keySet()) {
            hosts.add(host(id, addresses));
        }
        for (int i = 0; i < groups; i++) {
            for (RaftHost host : hosts) {
                start(host, group(i), addresses);
            }
        }
        pause(warmUpSeconds);
        Map<String, Long> terms = terms(hosts.get(0), groups);
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Map<Long, Long> threadsBefore = threadTimes();
        long cpuBefore = system.getProcessCpuTime();
        long before = System.nanoTime();
        pause(seconds);
        double elapsed = System.nanoTime() - before;
        double percent = 100 * (system.getProcessCpuTime() - cpuBefore) / elapsed;
        System.out.printf(
                "%d groups of 3, %d leaders, %s: %.1f%% of a core for the JVM with all three hosts%n",
                groups,
                leaders(hosts, groups),
                terms.equals(terms(hosts.get(0), groups)) ? "no elections" : "terms have changed",
                percent);
        report(threadsBefore, elapsed);
        hosts.forEach(RaftHost::close);
    }

    private static Map<Long, Long> threadTimes() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<Long, Long> times = new TreeMap<>();
        for (long id : threads.getAllThreadIds()) {
            times.put(id, threads.getThreadCpuTime(id));
        }
        return times;
    }

    /** The threads of Java by their names; those of the JVM itself are only in the sum above. */
    private static void report(Map<Long, Long> before, double elapsedNanos) {
        Map<String, Double> percents = new TreeMap<>();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        threadTimes().forEach((id, nanos) -> {
            ThreadInfo info = threads.getThreadInfo(id);
            if (info != null) {
                double percent = 100 * (nanos - before.getOrDefault(id, 0L)) / elapsedNanos;
                percents.merge(info.getThreadName(), percent, Double::sum);
            }
        });
        percents.forEach((name, percent) -> {
            if (percent >= 0.05) {
                System.out.printf("  %-28s %5.1f%%%n", name, percent);
            }
        });
        for (String host : List.of("h1", "h2", "h3")) {
            double sum = percents.entrySet().stream()
                    .filter(thread -> thread.getKey().contains("-" + host + "-"))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
            System.out.printf("threads of host %s: %.1f%% of a core%n", host, sum);
        }
    }

    private static String group(int number) {
        return "group-" + number;
    }

    private static Map<String, Long> terms(RaftHost host, int groups) {
        Map<String, Long> terms = new TreeMap<>();
        for (int i = 0; i < groups; i++) {
            terms.put(group(i), host.node(group(i)).orElseThrow().status().term());
        }
        return terms;
    }

    private static void pause(int seconds) throws InterruptedException {
        // Nobody counts down.
        boolean unused = new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static RaftHost host(NodeId id, Map<NodeId, HostAndPort> addresses) {
        NodeIdentity identity = new NodeIdentity("idle", id, NodeIdentity.randomId(), NodeIdentity.randomId(), "");
        return new RaftHost(
                id,
                new NettyGroupTransports(
                        identity, addresses.get(id), addresses, TransportLimits.DEFAULT, KnownPeers.inMemory()),
                SystemClock.INSTANCE);
    }

    private static void start(RaftHost host, String group, Map<NodeId, HostAndPort> addresses) {
        RaftNode unused = host.start(group, node -> node.voters(addresses.keySet())
                .log(new MemoryLogStorage())
                .hardState(new MemoryHardStateStorage())
                .snapshots(new MemorySnapshotStorage())
                .stateMachine(new TestMachine()));
    }

    private static long leaders(List<RaftHost> hosts, int groups) {
        return hosts.stream()
                .flatMap(host -> IntStream.range(0, groups)
                        .mapToObj(i -> host.node(group(i)).orElseThrow()))
                .filter(node -> node.status().role() == Role.LEADER)
                .count();
    }
}
