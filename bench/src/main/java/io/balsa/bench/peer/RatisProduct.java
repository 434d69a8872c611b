package io.balsa.bench.peer;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import io.balsa.bench.replication.Setting.Durability;
import io.balsa.bench.replication.Setting.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Apache Ratis: gRPC and a segmented log. */
final class RatisProduct implements ReplicationProduct {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "ratis";
    }

    @Override
    public String version() {
        return ProductVersion.ofArtifact(RaftServer.class, "org.apache.ratis", "ratis-server");
    }

    @Override
    public String configuration() {
        return "gRPC and defaults, with the election timeouts and limits of pending writes of its file store example, which its"
                + " authors measure with; fsync: segmented log, memory: raft.server.log.use.memory=true. Commands by"
                + " RaftServer.submitClientRequestAsync at the leader, so without a client's network.";
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
            List<RaftPeer> members = new ArrayList<>();
            for (int port : ports) {
                members.add(RaftPeer.newBuilder()
                        .setId("n" + (members.size() + 1))
                        .setAddress("127.0.0.1:" + port)
                        .build());
            }
            RaftGroup group = RaftGroup.valueOf(RaftGroupId.randomId(), members);
            Map<RaftPeerId, RaftServer> servers = new HashMap<>();
            CompletableFuture<RaftPeerId> elected = new CompletableFuture<>();
            for (int node = 0; node < members.size(); node++) {
                RaftPeerId id = members.get(node).getId();
                RaftServer server = RaftServer.newBuilder()
                        .setGroup(group)
                        .setProperties(properties(setting, id, ports.get(node)))
                        .setServerId(id)
                        .setOption(RaftStorage.StartupOption.FORMAT)
                        .setStateMachine(new Counter(elected))
                        .build();
                parts.add(server);
                servers.put(id, server);
            }
            for (RaftServer server : servers.values()) {
                server.start();
            }
            RaftServer leader = servers.get(elected.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS));
            return PeerGroup.serving(parts, new Submission(leader, group.getGroupId()), START_LIMIT);
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static RaftProperties properties(Setting setting, RaftPeerId id, int port) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(properties, "127.0.0.1");
        GrpcConfigKeys.Server.setPort(properties, port);
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(setting.directory().resolve(id.toString()).toFile()));
        RaftServerConfigKeys.Log.setUseMemory(properties, setting.durability() == Durability.MEMORY);
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, TimeDuration.valueOf(2, TimeUnit.SECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, TimeDuration.valueOf(3, TimeUnit.SECONDS));
        RaftServerConfigKeys.Write.setElementLimit(properties, 40_960);
        RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("1000MB"));
        return properties;
    }

    /** Gives commands to the leader as a client's requests, each with a number of its own. */
    private static final class Submission implements PeerGroup.Replicator {

        private final RaftServer leader;
        private final RaftGroupId group;
        private final ClientId client = ClientId.randomId();
        private final AtomicLong calls = new AtomicLong();

        Submission(RaftServer leader, RaftGroupId group) {
            this.leader = leader;
            this.group = group;
        }

        @Override
        public void replicate(byte[] command, ReplicationGroup.Completion completion) throws Exception {
            RaftClientRequest request = RaftClientRequest.newBuilder()
                    .setClientId(client)
                    .setServerId(leader.getId())
                    .setGroupId(group)
                    .setCallId(calls.incrementAndGet())
                    .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(command)))
                    .setType(RaftClientRequest.writeRequestType())
                    .build();
            CompletableFuture<?> unused = leader.submitClientRequestAsync(request)
                    .whenComplete((reply, failure) -> completion.done(failure != null ? failure : refusal(reply)));
        }

        private static Throwable refusal(RaftClientReply reply) {
            return reply.isSuccess() ? null : reply.getException();
        }
    }

    /** Counts commands and says who became leader. */
    private static final class Counter extends BaseStateMachine {

        private final CompletableFuture<RaftPeerId> elected;
        private final AtomicLong count = new AtomicLong();

        Counter(CompletableFuture<RaftPeerId> elected) {
            this.elected = elected;
        }

        @Override
        public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
            LogEntryProto entry = transaction.getLogEntry();
            count.incrementAndGet();
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(Message.EMPTY);
        }

        @Override
        public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
            if (member.getPeerId().equals(leader)) {
                elected.complete(leader);
            }
        }
    }
}
