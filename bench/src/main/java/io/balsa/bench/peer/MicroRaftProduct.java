package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import io.microraft.RaftEndpoint;
import io.microraft.RaftNode;
import io.microraft.RaftRole;
import io.microraft.executor.impl.DefaultRaftNodeExecutor;
import io.microraft.model.message.RaftMessage;
import io.microraft.statemachine.StateMachine;
import io.microraft.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** MicroRaft: a library without network or storage of its own, so in memory and within this JVM only. */
final class MicroRaftProduct implements ReplicationProduct {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "microraft";
    }

    @Override
    public String version() {
        return ProductVersion.ofArtifact(RaftNode.class, "io.microraft", "microraft");
    }

    @Override
    public String configuration() {
        return "Default RaftConfig, default executor (a thread for each node) and no store; a transport that hands each message"
                + " object to the other node, as in its tutorial. Commands by RaftNode.replicate at the leader.";
    }

    @Override
    public boolean supports(Setting setting) {
        return setting.network() == Network.SAME_JVM && setting.durability() == Durability.MEMORY;
    }

    @Override
    public ReplicationGroup start(Setting setting) throws Exception {
        OpenParts parts = new OpenParts(name());
        try {
            List<RaftEndpoint> members = IntStream.rangeClosed(1, setting.nodes())
                    .<RaftEndpoint>mapToObj(number -> new Member("n" + number))
                    .toList();
            Map<RaftEndpoint, RaftNode> nodes = new ConcurrentHashMap<>();
            CompletableFuture<RaftNode> elected = new CompletableFuture<>();
            for (RaftEndpoint member : members) {
                DefaultRaftNodeExecutor executor = new DefaultRaftNodeExecutor();
                // Its own shutdown waits for timers that are due in seconds.
                parts.add(() -> executor.getExecutor().shutdownNow());
                RaftNode node = RaftNode.newBuilder()
                        .setGroupId("bench")
                        .setLocalEndpoint(member)
                        .setInitialGroupMembers(members)
                        .setTransport(new HandOver(nodes))
                        .setStateMachine(new Counter())
                        .setExecutor(executor)
                        .setRaftNodeReportListener(report -> {
                            if (report.getRole() == RaftRole.LEADER) {
                                elected.complete(nodes.get(member));
                            }
                        })
                        .build();
                nodes.put(member, node);
                parts.add(() -> node.terminate().join());
            }
            for (RaftNode node : nodes.values()) {
                node.start().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            RaftNode leader = elected.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            return PeerGroup.serving(
                    parts,
                    (command, completion) -> PeerGroup.complete(completion, leader.replicate(command)),
                    START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    /** A member by its name. */
    private record Member(String id) implements RaftEndpoint {
        @Override
        public Object getId() {
            return id;
        }
    }

    /** Hands message objects to the nodes of this JVM. */
    private record HandOver(Map<RaftEndpoint, RaftNode> nodes) implements Transport {
        @Override
        public void send(RaftEndpoint target, RaftMessage message) {
            nodes.get(target).handle(message);
        }

        @Override
        public boolean isReachable(RaftEndpoint endpoint) {
            return nodes.containsKey(endpoint);
        }
    }

    /** Counts commands. */
    private static final class Counter implements StateMachine {

        private long count;

        @Override
        public Object runOperation(long commitIndex, Object operation) {
            count++;
            return null;
        }

        @Override
        public void takeSnapshot(long commitIndex, Consumer<Object> chunks) {
            chunks.accept(count);
        }

        @Override
        public void installSnapshot(long commitIndex, List<Object> chunks) {
            count = (Long) chunks.get(0);
        }

        @Override
        public Object getNewTermOperation() {
            return "new term";
        }
    }
}
