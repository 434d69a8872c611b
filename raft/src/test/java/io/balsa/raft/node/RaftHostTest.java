package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three hosts and many groups, whose nodes share threads. */
class RaftHostTest {
    private static final List<NodeId> IDS = List.of(NodeId.of("h1"), NodeId.of("h2"), NodeId.of("h3"));

    private final TestGroupNetworks networks = new TestGroupNetworks();
    private final Map<String, TestLog> logs = new HashMap<>();
    private final List<RaftHost> hosts = new ArrayList<>();

    @BeforeEach
    void makeHosts() {
        IDS.forEach(id -> hosts.add(new RaftHost(id, networks.of(id), SystemClock.INSTANCE)));
    }

    @AfterEach
    void closeHosts() {
        hosts.forEach(RaftHost::close);
    }

    private void start(String group) {
        start(group, TestCluster.patientOptions().build(), id -> new TestSnapshots());
    }

    private void start(String group, RaftOptions options, Function<NodeId, TestSnapshots> snapshots) {
        for (RaftHost host : hosts) {
            TestLog log = new TestLog();
            logs.put(host.id() + "/" + group, log);
            host.start(group, node -> node.voters(IDS)
                    .log(log)
                    .hardState(new TestHardState())
                    .snapshots(snapshots.apply(host.id()))
                    .stateMachine(new TestMachine())
                    .options(options));
        }
    }

    private RaftNode leaderOf(String group) {
        return await("a leader of " + group)
                .atMost(PATIENCE)
                .until(
                        () -> hosts.stream()
                                .flatMap(host -> host.node(group).stream())
                                .filter(node -> node.status().role() == Role.LEADER)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static ClientResponse propose(RaftNode node, String command) {
        return node.submit(new ClientRequest.Propose(bytes(command)))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void everyGroupHasItsOwnLeaderAndLog() {
        int threads = Thread.activeCount();
        for (int i = 0; i < 20; i++) {
            start("g" + i);
        }
        assertThat(Thread.activeCount() - threads).as("threads of 60 nodes").isLessThanOrEqualTo(20);
        for (int i = 0; i < 20; i++) {
            String group = "g" + i;
            await().atMost(PATIENCE)
                    .until(() -> propose(leaderOf(group), "add " + group) instanceof ClientResponse.Applied);
            assertThat(propose(leaderOf(group), "add again"))
                    .satisfies(second -> assertThat(text(second)).isEqualTo("2"));
        }
    }

    @Test
    void aGroupWhoseDiskFailsHaltsAlone() {
        start("good");
        start("bad");
        RaftNode bad = leaderOf("bad");
        logs.get(bad.id() + "/bad").failSyncsWith(new StorageException("the disk is gone"));
        // Its two followers may commit the command without this disk, before the failure shows.
        assertThat(propose(bad, "add a")).isInstanceOfAny(ClientResponse.Unknown.class, ClientResponse.Applied.class);
        assertThat(bad.halted()).failsWithin(PATIENCE);
        await().atMost(PATIENCE).until(() -> propose(leaderOf("good"), "add a") instanceof ClientResponse.Applied);
    }

    @Test
    void aGroupWhoseDisksTakeNoSnapshotHoldsUpNoGroupsLog() {
        Map<NodeId, TestSnapshots> disks = new HashMap<>();
        IDS.forEach(id -> disks.put(id, new TestSnapshots()));
        disks.values().forEach(TestSnapshots::closeGate);
        // Nobody takes the leadership of this group over, however long a busy machine lets its threads wait.
        RaftOptions often = TestCluster.patientOptions()
                .electionTimeout(Duration.ofSeconds(3))
                .compaction(new CompactionPolicy(1 << 20, 10, 3))
                .build();
        start("large", often, disks::get);
        for (int i = 0; i < 6; i++) {
            start("g" + i);
        }
        RaftNode large = leaderOf("large");
        long term = large.status().term();
        for (int i = 1; i <= 15; i++) {
            assertThat(text(propose(large, "add large"))).isEqualTo(String.valueOf(i));
        }
        await().atMost(PATIENCE).until(() -> disks.values().stream().allMatch(TestSnapshots::isHeldUp));
        for (int i = 0; i < 6; i++) {
            String group = "g" + i;
            await().atMost(PATIENCE).until(() -> propose(leaderOf(group), "add a") instanceof ClientResponse.Applied);
        }
        assertThat(text(propose(large, "add more"))).isEqualTo("16");
        assertThat(large.status().term()).isEqualTo(term);
        assertThat(disks.values()).allMatch(TestSnapshots::isHeldUp);
        disks.values().forEach(TestSnapshots::openGate);
        await().atMost(PATIENCE).until(() -> large.status().snapshotIndex() > 0);
    }

    @Test
    void aGroupIsStoppedWhileTheOthersGoOnAndItsNameIsFreeAgain() {
        start("a");
        start("b");
        leaderOf("b");
        assertThatThrownBy(() -> start("b")).isInstanceOf(IllegalArgumentException.class);
        hosts.forEach(host -> host.stop("b"));
        assertThat(hosts.get(0).node("b")).isEmpty();
        await().atMost(PATIENCE).until(() -> propose(leaderOf("a"), "add a") instanceof ClientResponse.Applied);
        start("b");
        leaderOf("b");
    }
}
