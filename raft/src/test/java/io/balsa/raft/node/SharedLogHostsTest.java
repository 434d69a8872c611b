package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.SharedGroupLogs;
import io.balsa.raft.adapter.SystemClock;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three hosts and several groups, whose logs are in one place on each host, on a real disk. */
class SharedLogHostsTest {
    private static final List<NodeId> IDS = List.of(NodeId.of("h1"), NodeId.of("h2"), NodeId.of("h3"));
    private static final List<String> GROUPS = List.of("orders", "stock", "mail", "users", "bills");

    /** A host that closes hands its offices over one after the other, which is not what is tried here. */
    private static final RaftOptions OPTIONS =
            TestCluster.patientOptions().handoverTimeout(Duration.ZERO).build();

    @TempDir
    Path temporary;

    private final TestGroupNetworks networks = new TestGroupNetworks();
    private final Map<NodeId, Host> hosts = new LinkedHashMap<>();

    /** A process that may be ended and started again. */
    private final class Host {
        private final NodeId id;
        private final Map<String, DataDirectory> directories = new LinkedHashMap<>();
        private final SharedGroupLogs logs;
        private final RaftHost host;

        Host(NodeId id) {
            this.id = id;
            logs = SharedGroupLogs.open(directory("logs"));
            host = new RaftHost(id, networks.of(id), SystemClock.INSTANCE);
        }

        private DataDirectory directory(String name) {
            return directories.computeIfAbsent(
                    name,
                    unused -> DataDirectory.open(temporary.resolve(id.value()).resolve(name), "shop", id));
        }

        void start(String group) {
            DataDirectory directory = directory(group);
            host.start(group, node -> node.voters(IDS)
                    .log(directory.openLog(logs, group))
                    .hardState(directory.openHardState())
                    .stateMachine(new TestMachine())
                    .options(OPTIONS));
        }

        void end() {
            host.close();
            logs.close();
            for (DataDirectory directory : directories.values()) {
                directory.close();
            }
        }
    }

    @BeforeEach
    void startAll() {
        IDS.forEach(this::start);
    }

    private void start(NodeId id) {
        Host started = new Host(id);
        hosts.put(id, started);
        GROUPS.forEach(started::start);
    }

    @AfterEach
    void endAll() {
        for (Host host : hosts.values()) {
            host.end();
        }
    }

    private Optional<RaftNode> leaderOf(String group) {
        return hosts.values().stream()
                .flatMap(each -> each.host.node(group).stream())
                .filter(node -> node.status().role() == Role.LEADER)
                .findFirst();
    }

    private static ClientResponse propose(RaftNode node, String command) {
        return node.submit(new ClientRequest.Propose(bytes(command)))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** However often it needs a new leader for that; each machine answers with how many it has. */
    private String add(String group) {
        AtomicReference<ClientResponse> last = new AtomicReference<>();
        await("a commit in " + group)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    leaderOf(group).ifPresent(leader -> last.set(propose(leader, "add " + group)));
                    return last.get() instanceof ClientResponse.Applied;
                });
        return text(last.get());
    }

    @Test
    @Tag("case-27")
    void allGroupsHaveWhatTheyCommittedAfterARestartOfAllHosts() {
        for (int round = 1; round <= 5; round++) {
            for (String group : GROUPS) {
                add(group);
            }
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String group : GROUPS) {
            counts.put(group, Integer.parseInt(add(group)));
            assertThat(counts.get(group)).isGreaterThanOrEqualTo(6);
        }
        for (int restart = 0; restart < 2; restart++) {
            for (Host host : hosts.values()) {
                host.end();
            }
            hosts.clear();
            IDS.forEach(this::start);
            for (String group : GROUPS) {
                int count = Integer.parseInt(add(group));
                assertThat(count).as("those before, and this one").isGreaterThan(counts.put(group, count));
            }
        }
    }

    @Test
    void aGroupIsStoppedAndBegunAnewWhileTheOthersGoOn() {
        GROUPS.forEach(this::add);
        for (Host host : hosts.values()) {
            host.host.stop("mail");
        }
        GROUPS.stream().filter(group -> !group.equals("mail")).forEach(this::add);
        for (Host host : hosts.values()) {
            host.start("mail");
        }
        assertThat(Integer.parseInt(add("mail"))).isGreaterThanOrEqualTo(2);
    }

    @Test
    @Tag("case-28")
    void aSharedLogThatIsGoneHaltsAllNodesOfItsHostAndNoOther() {
        GROUPS.forEach(this::add);
        Host failing = hosts.get(IDS.get(0));
        failing.logs.close();
        // Each hears of it at the latest when it is to append.
        List<RaftNode> halting = GROUPS.stream()
                .map(group -> failing.host.node(group).orElseThrow())
                .toList();
        await("all nodes halt").atMost(PATIENCE).until(() -> {
            GROUPS.forEach(this::add);
            return halting.stream().allMatch(node -> node.halted().isCompletedExceptionally());
        });
        for (RaftNode node : halting) {
            assertThat(node.halted())
                    .failsWithin(PATIENCE)
                    .withThrowableThat()
                    .withCauseInstanceOf(StorageException.class);
        }
        GROUPS.forEach(this::add);
        hosts.values().stream()
                .filter(each -> each != failing)
                .forEach(each -> GROUPS.forEach(group ->
                        assertThat(each.host.node(group).orElseThrow().halted()).isNotDone()));
    }
}
