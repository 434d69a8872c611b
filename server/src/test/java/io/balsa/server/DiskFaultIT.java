package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.client.RequestException;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.NodeStatus;
import io.balsa.server.support.AcknowledgedWrites;
import io.balsa.server.support.Agreement;
import io.balsa.server.support.FailingDisk;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import io.balsa.server.support.NodeView;
import io.balsa.statemachine.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes whose syncs fail or hang in the system call, as on a dying disk. */
class DiskFaultIT {
    @TempDir
    private static Path directory;

    private static JarCluster cluster;

    @BeforeAll
    static void start() {
        cluster = JarCluster.start(directory, 3);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    /** Each test finds all nodes running and agreeing. */
    @AfterEach
    void heal() {
        cluster.startAll();
        Agreement.await(cluster);
    }

    @Test
    @Tag("case-28")
    void aFollowerWhoseSyncFailsAcknowledgesNothingAndEnds() {
        assertThat(cluster.cli("kv", "put", "follower", "before").exitCode()).isZero();
        String leader = cluster.awaitLeader();
        String failing = other(leader);
        // The third is down, so that nothing is committed without the one whose disk fails.
        cluster.kill(other(leader, failing));
        try (Session session = Session.connect(cluster.addresses());
                FailingDisk disk = FailingDisk.failSyncs(cluster.node(failing), directory)) {
            assertThatThrownBy(() -> session.keyValues().put("not acknowledged", "by anybody"))
                    .isInstanceOf(RequestException.class);
            assertHalted(cluster.awaitEnd(failing));
            assertNeverRetried(disk);
        }

        cluster.startAll();
        Agreement.await(cluster);
        assertThat(cluster.cli("kv", "get", "follower").out()).isEqualTo("before\n");
    }

    @Test
    @Tag("case-28")
    void aLeaderWhoseSyncFailsEndsAndTheOthersGoOn() {
        try (AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "leader/")) {
            writes.awaitMore(50);
            String leader = cluster.awaitLeader();
            try (FailingDisk disk = FailingDisk.failSyncs(cluster.node(leader), directory)) {
                assertHalted(cluster.awaitEnd(leader));
                assertNeverRetried(disk);
            }
            writes.awaitMore(50);
            cluster.start(leader);
            writes.awaitMore(50);
            writes.stop();
            writes.verify();
        }
    }

    @Test
    @Tag("case-3")
    @Tag("case-28")
    void aNodeThatCannotSaveItsVoteGivesNone() {
        assertThat(cluster.cli("kv", "put", "vote", "before").exitCode()).isZero();
        String leader = cluster.awaitLeader();
        String failing = other(leader);
        String witness = other(leader, failing);
        Path hardState = cluster.dataDirectory(failing).resolve("hard-state.tmp");
        try (FailingDisk disk = FailingDisk.failSyncsOf(hardState, cluster.node(failing), directory)) {
            cluster.kill(leader);
            JarProcess.Result ended = cluster.awaitEnd(failing);
            assertHalted(ended);
            assertThat(ended.err()).contains("hard-state");
            assertNeverRetried(disk);
        }
        // Nobody could have been elected without its vote. The witness names the leader that was killed for as long as
        // its own election timeout lasts.
        try (NodeView view = cluster.view(witness)) {
            NodeStatus status = await("the witness misses its leader")
                    .atMost(JarProcess.PATIENCE)
                    .until(
                            () -> view.status().orElseThrow(),
                            now -> now.leader().isEmpty() || now.role() == Role.LEADER);
            assertThat(status.role()).isNotEqualTo(Role.LEADER);
        }

        cluster.startAll();
        Agreement.await(cluster);
        assertThat(cluster.cli("kv", "get", "vote").out()).isEqualTo("before\n");
    }

    @Test
    @Tag("case-11")
    void leadershipMovesWhenTheLeadersDiskHangs() {
        try (AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "hanging/")) {
            writes.awaitMore(50);
            String leader = cluster.awaitLeader();
            try (FailingDisk disk = FailingDisk.hangSyncs(cluster.node(leader), directory)) {
                await("another leads")
                        .atMost(JarProcess.PATIENCE)
                        .until(cluster::awaitLeader, now -> !now.equals(leader));
                writes.awaitMore(50);
                assertThat(disk.files()).as("syncs that came back").isEmpty();
            }
            // The disk is back, and the node catches up.
            writes.awaitMore(50);
            writes.stop();
            writes.verify();
        }
    }

    @Test
    @Tag("case-28")
    void aNodeThatCannotSyncASnapshotKeepsItsLogAndGoesOn() throws IOException {
        String leader = cluster.awaitLeader();
        String failing = other(leader);
        cluster.kill(failing);
        cluster.setSnapshotEntries(40);
        JarProcess process = cluster.start(failing);
        cluster.setSnapshotEntries(100_000);
        try (AcknowledgedWrites fill = AcknowledgedWrites.begin(cluster, "before the snapshot/")) {
            fill.awaitMore(60);
            fill.stop();
        }
        await().atMost(JarProcess.PATIENCE).until(() -> statusOf(failing).snapshotIndex() > 0);
        Agreement.await(cluster);
        NodeStatus before = statusOf(failing);
        Path data = cluster.dataDirectory(failing);
        Set<Path> log = filesIn(data.resolve("log"));
        List<Path> next = LongStream.rangeClosed(1, 500)
                .mapToObj(more -> data.resolve("snapshots")
                        .resolve("%020d-%d.snapshot.writing".formatted(before.snapshotIndex() + more, before.term())))
                .toList();
        try (FailingDisk disk = FailingDisk.failSyncsOf(next, process, directory);
                AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "snapshot/")) {
            await().atMost(JarProcess.PATIENCE).until(() -> process.err().contains("no snapshot at index"));
            writes.awaitMore(50);
            writes.stop();
            NodeStatus after = statusOf(failing);
            assertThat(after.snapshotIndex()).isEqualTo(before.snapshotIndex());
            assertThat(after.firstIndex()).isEqualTo(before.firstIndex());
            assertThat(after.lastApplied()).isGreaterThan(before.lastApplied());
            assertThat(filesIn(data.resolve("log"))).containsAll(log);
            assertNeverRetried(disk);
            // It starts with what it has, and nothing was lost.
            cluster.kill(failing);
            cluster.start(failing);
            writes.verify();
        }
        assertThat(process.err()).contains("trying again later; the log grows meanwhile");
    }

    private static NodeStatus statusOf(String id) {
        try (NodeView view = cluster.view(id)) {
            return view.status().orElseThrow();
        }
    }

    private static Set<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.collect(Collectors.toSet());
        }
    }

    private static String other(String... thanThese) {
        return cluster.ids().stream()
                .filter(id -> !List.of(thanThese).contains(id))
                .findFirst()
                .orElseThrow();
    }

    private static void assertHalted(JarProcess.Result ended) {
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(ExitCode.NODE_HALTED.code());
        assertThat(ended.err()).contains("halted: ").contains("Input/output error");
    }

    /** Each file was synced in vain once at most: a second sync may succeed though the pages of the first are lost. */
    private static void assertNeverRetried(FailingDisk disk) {
        assertThat(disk.files()).isNotEmpty().doesNotHaveDuplicates();
    }
}
