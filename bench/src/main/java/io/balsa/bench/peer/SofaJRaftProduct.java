package io.balsa.bench.peer;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.JRaftUtils;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import com.alipay.sofa.jraft.rpc.RpcServer;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** SOFAJRaft: a pipeline of Disruptors, Bolt over Netty, and a log in RocksDB. */
final class SofaJRaftProduct implements ReplicationProduct {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int RUNNING_ELECTION_TIMEOUT_MILLIS = 10_000;

    @Override
    public String name() {
        return "sofa-jraft";
    }

    @Override
    public String version() {
        return ProductVersion.ofArtifact(Node.class, "com.alipay.sofa", "jraft-core");
    }

    @Override
    public String configuration() {
        return "Default NodeOptions and RaftOptions (replicator pipeline on, log in RocksDB) as in its user guide, no snapshots, an"
                + " election timeout of 10 s once there is a leader;"
                + " fsync: RaftOptions.sync=true, memory: RocksDB on disk with sync=false. Commands by Node.apply at the leader."
                + " It runs on Balsa's Netty and Protobuf, not on the old ones that it was built with.";
    }

    @Override
    public boolean supports(Setting setting) {
        return setting.network() == Network.TCP;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        // Its messages were generated for a Protobuf that today's refuses unless told otherwise.
        System.setProperty("com.google.protobuf.use_unsafe_pre22_gencode", "true");
        // Its own way of finding a logger needs an old Logback.
        System.setProperty("sofa.middleware.log.disable", "true");
        OpenParts parts = new OpenParts(name());
        try {
            Configuration members = new Configuration();
            for (int port : LoopbackPorts.freeTcp(setting.nodes())) {
                members.addPeer(new PeerId("127.0.0.1", port));
            }
            List<Node> nodes = new ArrayList<>();
            CompletableFuture<PeerId> elected = new CompletableFuture<>();
            for (PeerId member : members.getPeers()) {
                Path directory = Files.createDirectories(setting.directory().resolve("n" + (nodes.size() + 1)));
                NodeOptions options = options(setting, members, directory);
                options.setFsm(new Counter(member, elected));
                nodes.add(startNode(member, options, parts));
            }
            PeerId first = elected.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            // Under full load a second, its default, passes without a heartbeat, and the measured leader would step
            // down.
            nodes.forEach(node -> node.resetElectionTimeoutMs(RUNNING_ELECTION_TIMEOUT_MILLIS));
            Node leader = nodes.get(members.getPeers().indexOf(first));
            return PeerGroup.serving(
                    parts,
                    (command, completion) -> leader.apply(new Task(
                            ByteBuffer.wrap(command),
                            status -> completion.done(
                                    status.isOk() ? null : new IllegalStateException(status.toString())))),
                    START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static NodeOptions options(Setting setting, Configuration members, Path directory) {
        RaftOptions raft = new RaftOptions();
        raft.setSync(setting.durability() == Durability.FSYNC);
        NodeOptions options = new NodeOptions();
        options.setRaftOptions(raft);
        options.setInitialConf(members);
        options.setLogUri(directory.resolve("log").toString());
        options.setRaftMetaUri(directory.resolve("meta").toString());
        options.setDisableCli(true);
        return options;
    }

    /** The service would make the same executors itself, but never end them. */
    private static Node startNode(PeerId member, NodeOptions options, OpenParts parts) {
        ExecutorService raftExecutor = executor("raft-rpc-", options.getRaftRpcThreadPoolSize());
        parts.add(raftExecutor::shutdownNow);
        ExecutorService clientExecutor = executor("cli-rpc-", options.getCliRpcThreadPoolSize());
        parts.add(clientExecutor::shutdownNow);
        RpcServer server = RaftRpcServerFactory.createRaftRpcServer(member.getEndpoint(), raftExecutor, clientExecutor);
        RaftGroupService service = new RaftGroupService("bench", member, options, server);
        parts.add(() -> {
            service.shutdown();
            service.join();
        });
        return service.start();
    }

    private static ExecutorService executor(String prefix, int threads) {
        return (ExecutorService) JRaftUtils.createExecutor(prefix, threads);
    }

    /** Counts commands and says who became leader. */
    private static final class Counter extends StateMachineAdapter {

        private final PeerId member;
        private final CompletableFuture<PeerId> elected;
        private final AtomicLong count = new AtomicLong();

        Counter(PeerId member, CompletableFuture<PeerId> elected) {
            this.member = member;
            this.elected = elected;
        }

        @Override
        public void onApply(Iterator entries) {
            while (entries.hasNext()) {
                count.incrementAndGet();
                Closure done = entries.done();
                if (done != null) {
                    done.run(Status.OK());
                }
                entries.next();
            }
        }

        @Override
        public void onLeaderStart(long term) {
            elected.complete(member);
        }
    }
}
