package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Patience.PATIENCE;
import static io.balsa.raft.adapter.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.node.RaftHost;
import io.balsa.raft.node.RaftNode;
import io.balsa.raft.node.RaftOptions;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.proto.HelloReply.Verdict;
import io.balsa.raft.proto.PeerFrame;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three hosts and some groups over TCP, with one connection each way between any two hosts. */
@Timeout(120)
class NettyHostsTest {
    private static final String CLUSTER = "many";
    private static final List<NodeId> IDS = List.of(NodeId.of("h1"), NodeId.of("h2"), NodeId.of("h3"));
    private static final List<String> GROUPS = List.of("orders", "stock", "mail", "users", "audit");
    private static final TransportLimits LIMITS =
            new TransportLimits(4 << 20, 4096, 16L << 20, 100, 2_000, 2_000, 1_000, 1, 50);

    /** What a host is, and what of it outlives a restart. */
    private static final class Machine {
        private final NodeId id;
        private final byte[] storeId = NodeIdentity.randomId();
        private final Map<String, MemoryLogStorage> logs = new HashMap<>();
        private final Map<String, MemoryHardStateStorage> hardStates = new HashMap<>();
        private byte[] bootId;
        private NettyGroupTransports transports;
        private RaftHost host;

        Machine(NodeId id) {
            this.id = id;
        }
    }

    private final Map<NodeId, HostAndPort> addresses = new TreeMap<>();
    private final Map<NodeId, Machine> machines = new TreeMap<>();
    private final CapturedWarnings warnings = new CapturedWarnings();

    @BeforeEach
    void makeHosts() throws IOException {
        for (NodeId id : IDS) {
            addresses.put(id, new HostAndPort("127.0.0.1", freePort()));
        }
        for (NodeId id : IDS) {
            Machine machine = new Machine(id);
            machines.put(id, machine);
            begin(machine, CLUSTER);
        }
    }

    @AfterEach
    void closeHosts() {
        machines.values().forEach(machine -> machine.host.close());
        warnings.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }

    private void begin(Machine machine, String cluster) {
        machine.bootId = NodeIdentity.randomId();
        machine.transports = new NettyGroupTransports(
                new NodeIdentity(cluster, machine.id, machine.storeId, machine.bootId, machine.id + ".example:1"),
                addresses.get(machine.id),
                addresses,
                LIMITS,
                KnownPeers.inMemory());
        machine.host = new RaftHost(machine.id, machine.transports, SystemClock.INSTANCE);
    }

    private void start(String group) {
        machines.values().forEach(machine -> start(machine, group));
    }

    private static void start(Machine machine, String group) {
        RaftNode started = machine.host.start(group, node -> node.voters(IDS)
                .log(machine.logs.computeIfAbsent(group, unused -> new MemoryLogStorage()))
                .hardState(machine.hardStates.computeIfAbsent(group, unused -> new MemoryHardStateStorage()))
                .stateMachine(new Words())
                .peerDirectory(machine.transports)
                .options(RaftOptions.builder()
                        .heartbeatInterval(Duration.ofMillis(50))
                        .electionTimeout(Duration.ofSeconds(1))
                        .build()));
        assertThat(started.id()).isEqualTo(machine.id);
    }

    private RaftNode leaderOf(String group) {
        return await().alias("a leader of " + group)
                .until(
                        () -> machines.values().stream()
                                .flatMap(machine -> machine.host.node(group).stream())
                                .filter(node -> node.status().role() == Role.LEADER)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static ClientResponse submit(RaftNode node, ClientRequest request) {
        return node.submit(request)
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Commits a word in a group, however often it needs a new leader for that, and waits until all that run have it. */
    private void commit(String group, String word) {
        await().alias("a commit in " + group).until(() -> {
            ClientResponse response = submit(leaderOf(group), new ClientRequest.Propose(word.getBytes(UTF_8)));
            return response instanceof ClientResponse.Applied;
        });
        await().alias(word + " everywhere in " + group).until(() -> machines.values().stream()
                .flatMap(machine -> machine.host.node(group).stream())
                .allMatch(node -> words(node).contains(word)));
    }

    private static List<String> words(RaftNode node) {
        ClientResponse response = node.read(ReadConsistency.LOCAL, 0, new byte[0], Duration.ofSeconds(10))
                .join();
        return response instanceof ClientResponse.Answer answer
                ? List.of(new String(answer.answer(), UTF_8).split(",", -1))
                : List.of();
    }

    @Test
    void everyGroupElectsAndCommitsOverTheSameConnections() {
        GROUPS.forEach(this::start);
        GROUPS.forEach(group -> commit(group, "in-" + group));
        for (String group : GROUPS) {
            assertThat(words(leaderOf(group))).as("only its own commands").containsOnly("", "in-" + group);
            assertThat(leaderOf(group).status().leader().orElseThrow().clientAddress())
                    .isIn("", leaderOf(group).id() + ".example:1");
        }
        NodeId leader = leaderOf("orders").id();
        machines.values().stream().filter(machine -> !machine.id.equals(leader)).forEach(machine -> assertThat(
                        machine.transports.clientAddressOf(leader))
                .isEqualTo(leader + ".example:1"));
    }

    @Test
    void aGroupIsStoppedAndBegunAnewWhileTheOthersGoOn() {
        GROUPS.forEach(this::start);
        GROUPS.forEach(group -> commit(group, "one"));
        machines.values().forEach(machine -> machine.host.stop("mail"));
        GROUPS.stream().filter(group -> !group.equals("mail")).forEach(group -> commit(group, "two"));
        start("mail");
        commit("mail", "two");
        assertThat(words(leaderOf("mail"))).contains("one", "two");
    }

    @Test
    void aHostIsRestartedAndCatchesUpInEveryGroup() {
        GROUPS.forEach(this::start);
        GROUPS.forEach(group -> commit(group, "one"));
        Machine restarted = machines.get(leaderOf("orders").id());
        restarted.host.close();
        GROUPS.forEach(group -> commit(group, "two"));
        begin(restarted, CLUSTER);
        GROUPS.forEach(group -> start(restarted, group));
        GROUPS.forEach(group -> commit(group, "three"));
        for (String group : GROUPS) {
            assertThat(words(restarted.host.node(group).orElseThrow())).contains("one", "two", "three");
        }
    }

    @Test
    void allGroupsGoOnAfterTheirConnectionsWereCut() throws IOException {
        GROUPS.forEach(this::start);
        GROUPS.forEach(group -> commit(group, "one"));
        for (Machine from : machines.values()) {
            for (Machine to : machines.values()) {
                if (from != to) {
                    cut(from, to);
                }
            }
        }
        GROUPS.forEach(group -> commit(group, "two"));
    }

    /** A new connection of the same run of a process ends the one before it; and the link, dialling anew, this one. */
    private void cut(Machine from, Machine to) throws IOException {
        try (RawConnection other = new RawConnection(addresses.get(to.id).port())) {
            assertThat(other.greet(RawConnection.peerHello(CLUSTER, from.id.value(), from.storeId, from.bootId))
                            .getVerdict())
                    .isEqualTo(Verdict.WELCOME);
            other.awaitClosed();
        }
    }

    @Test
    void messagesOfUnknownGroupsAreDroppedAndCounted() throws IOException {
        start("orders");
        commit("orders", "one");
        Machine target = machines.get(IDS.get(0));
        byte[] stranger = NodeIdentity.randomId();
        try (RawConnection connection =
                new RawConnection(addresses.get(target.id).port())) {
            assertThat(connection
                            .greet(RawConnection.peerHello(CLUSTER, "h9", stranger, stranger))
                            .getVerdict())
                    .isEqualTo(Verdict.WELCOME);
            Message vote = new Message.RequestVoteResponse(NodeId.of("h9"), target.id, 77, true);
            for (String unknown : new String[] {"", "nobody's", "x".repeat(64)}) {
                connection.writeFrame(ProtobufCodec.toFrame(unknown, vote));
            }
            await().until(() -> target.transports.droppedOfUnknownGroups() >= 3);
            connection.writeFrame(PeerFrame.newBuilder()
                    .setKeepAlive(PeerFrame.KeepAlive.getDefaultInstance())
                    .build());
            assertThat(connection.readFrame(PeerFrame.parser()).hasKeepAlive()).isTrue();
            connection.writeFrame(ProtobufCodec.toFrame("x".repeat(65), vote));
            connection.awaitClosed();
        }
        assertThat(warnings.messages()).anyMatch(line -> line.contains("the name of a group that is too long"));
        commit("orders", "two");
        assertThat(target.host.node("orders").orElseThrow().status().term()).isLessThan(77);
    }

    @Test
    void aHostOfAnotherClusterIsRefusedWithAReason() {
        GROUPS.forEach(this::start);
        GROUPS.forEach(group -> commit(group, "one"));
        Machine stray = machines.get(IDS.get(2));
        stray.host.close();
        begin(stray, "elsewhere");
        GROUPS.forEach(group -> start(stray, group));
        await().until(() -> warnings.messages().stream()
                .anyMatch(line -> line.contains("WRONG_CLUSTER: this is cluster '" + CLUSTER + "', not 'elsewhere'")));
        stray.host.close();
        GROUPS.forEach(group -> commit(group, "two"));
    }

    @Test
    void whoIsRemovedFromOneGroupStaysConnectedForTheOthers() {
        start("orders");
        start("stock");
        commit("orders", "one");
        commit("stock", "one");
        RaftNode leader = leaderOf("orders");
        NodeId leaver =
                IDS.stream().filter(id -> !id.equals(leader.id())).findFirst().orElseThrow();
        await().until(() -> leaderOf("orders")
                        .changeMembership(new MembershipChange.Remove(leaver))
                        .join()
                instanceof ClientResponse.Done);
        machines.get(leaver).host.stop("orders");
        assertThat(leaderOf("orders").members()).matches(members -> !members.isMember(leaver));
        commit("orders", "two");
        // Its connections are made anew after this, and by then it is parted from in the other group.
        Machine gone = machines.get(leaver);
        gone.host.close();
        begin(gone, CLUSTER);
        start(gone, "stock");
        commit("stock", "two");
        assertThat(words(gone.host.node("stock").orElseThrow())).contains("one", "two");
        Configuration members = gone.host.node("stock").orElseThrow().members();
        assertThat(members.isMember(leaver)).isTrue();
    }

    /** Remembers the commands. */
    private static final class Words implements StateMachine {
        private final List<String> words = new ArrayList<>();

        @Override
        public byte[] apply(LogEntry entry) {
            words.add(new String(entry.payload(), UTF_8));
            return new byte[0];
        }

        @Override
        public void read(byte[] query, CompletableFuture<byte[]> reply) {
            reply.complete(String.join(",", words).getBytes(UTF_8));
        }

        @Override
        public long nextDeadlineMillis() {
            return NO_DEADLINE;
        }

        @Override
        public Snapshot cutSnapshot() {
            throw new UnsupportedOperationException("no snapshots are kept here");
        }

        @Override
        public void restore(InputStream input) {
            throw new UnsupportedOperationException("no snapshots are kept here");
        }
    }
}
