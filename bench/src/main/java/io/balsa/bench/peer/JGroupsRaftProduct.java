package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jgroups.JChannel;
import org.jgroups.protocols.raft.FileBasedLog;
import org.jgroups.protocols.raft.InMemoryLog;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.Options;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.StateMachine;

/** jgroups-raft: one thread per node drains a queue and syncs once per batch. */
final class JGroupsRaftProduct implements ReplicationProduct {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(5);

    /** The default, in bytes, keeps the heap small; a file log of it loses entries when a batch is larger: 4096 of 16 KB are. */
    private static final long MAX_MEMORY_LOG_BYTES = 1_000_000;

    private static final long MAX_FILE_LOG_BYTES = 100_000_000;

    /**
     * JGroups' tcp.xml with the Raft protocols of jgroups-raft's raft.xml on top, but for state transfer, which Raft does itself,
     * for sockets that watch over other processes, and for the port for remote clients. Without tcp_nodelay each lone command waits
     * for a delayed acknowledgement.
     */
    private static final String STACK =
            """
            <config xmlns="urn:org:jgroups">
                <TCP bind_addr="127.0.0.1" bind_port="%d" port_range="0" tcp_nodelay="true" diag.enabled="false"
                     thread_pool.min_threads="0" thread_pool.max_threads="200" thread_pool.keep_alive_time="30000"/>
                <NON_BLOCKING_SENDS/>
                <TCPPING async_discovery="true" initial_hosts="%s" port_range="0"/>
                <MERGE3 min_interval="10s" max_interval="30s"/>
                <FD_ALL3 timeout="40s" interval="5s"/>
                <VERIFY_SUSPECT2 timeout="1.5s"/>
                <pbcast.NAKACK2 use_mcast_xmit="false"/>
                <UNICAST3 conn_expiry_timeout="0"/>
                <pbcast.STABLE desired_avg_gossip="50s" max_bytes="4M"/>
                <raft.NO_DUPES/>
                <pbcast.GMS print_local_addr="false" join_timeout="2s"/>
                <UFC max_credits="10M" min_threshold="0.4"/>
                <MFC max_credits="10M" min_threshold="0.4"/>
                <FRAG4 frag_size="60K"/>
                <raft.ELECTION/>
                <raft.RAFT members="%s" raft_id="%s" log_class="%s" log_dir="%s" log_use_fsync="%b"
                           max_log_size="%d"/>
                <raft.REDIRECT/>
            </config>
            """;

    @Override
    public String name() {
        return "jgroups-raft";
    }

    @Override
    public String version() {
        return ProductVersion.ofArtifact(RaftHandle.class, "org.jgroups", "jgroups-raft")
                + " on JGroups "
                + ProductVersion.ofArtifact(JChannel.class, "org.jgroups", "jgroups");
    }

    @Override
    public String configuration() {
        return "The stack of JGroups' tcp.xml under that of jgroups-raft's raft.xml, with tcp_nodelay on the transport; fsync:"
                + " FileBasedLog with log_use_fsync=true and a snapshot each 100 MB of log (by its default of 1 MB it"
                + " can't take large batches), memory: InMemoryLog."
                + " Commands by RaftHandle.setAsync at the leader, whose return value is ignored.";
    }

    @Override
    public boolean supports(Setting setting) {
        return setting.network() == Network.TCP;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        OpenParts parts = new OpenParts(name());
        try {
            List<Integer> ports = LoopbackPorts.freeTcp(setting.nodes());
            List<RaftHandle> nodes = new ArrayList<>();
            CompletableFuture<RaftHandle> elected = new CompletableFuture<>();
            for (int node = 0; node < setting.nodes(); node++) {
                JChannel channel = new JChannel(
                        new ByteArrayInputStream(stack(setting, ports, node).getBytes(StandardCharsets.UTF_8)));
                channel.name(nodeName(node));
                RaftHandle handle = new RaftHandle(channel, new Counter());
                handle.addRoleListener(role -> {
                    if (role == Role.Leader) {
                        elected.complete(handle);
                    }
                });
                parts.add(() -> end(handle));
                nodes.add(handle);
                channel.connect("bench");
            }
            parts.add(() -> awaitFollowers(nodes));
            RaftHandle leader = elected.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            Options options = Options.create(true);
            return PeerGroup.serving(
                    parts,
                    (command, completion) ->
                            PeerGroup.complete(completion, leader.setAsync(command, 0, command.length, options)),
                    START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static String stack(Setting setting, List<Integer> ports, int node) {
        boolean durable = setting.durability() == Durability.FSYNC;
        return STACK.formatted(
                ports.get(node),
                ports.stream().map(port -> "127.0.0.1[" + port + "]").collect(Collectors.joining(",")),
                IntStream.range(0, setting.nodes())
                        .mapToObj(JGroupsRaftProduct::nodeName)
                        .collect(Collectors.joining(",")),
                nodeName(node),
                (durable ? FileBasedLog.class : InMemoryLog.class).getName(),
                setting.directory(),
                durable,
                durable ? MAX_FILE_LOG_BYTES : MAX_MEMORY_LOG_BYTES);
    }

    private static String nodeName(int node) {
        return "n" + (node + 1);
    }

    /** A node that is closed within a sync complains of its interruption at length; one that is too slow may do so. */
    private static void awaitFollowers(List<RaftHandle> nodes) throws InterruptedException {
        Deadline deadline = Deadline.in(CATCH_UP_LIMIT);
        while (!deadline.isOver()
                && nodes.stream().mapToLong(RaftHandle::lastApplied).distinct().count() > 1) {
            deadline.pause();
        }
    }

    /** Memory logs outlive their nodes in a static map. */
    private static void end(RaftHandle node) throws Exception {
        node.channel().close();
        if (node.log() instanceof InMemoryLog log) {
            log.delete();
        }
    }

    /** Counts commands. */
    private static final class Counter implements StateMachine {

        private long count;

        @Override
        public byte[] apply(byte[] data, int offset, int length, boolean serializeResponse) {
            count++;
            return null;
        }

        @Override
        public void readContentFrom(DataInput in) throws IOException {
            count = in.readLong();
        }

        @Override
        public void writeContentTo(DataOutput out) throws IOException {
            out.writeLong(count);
        }
    }
}
