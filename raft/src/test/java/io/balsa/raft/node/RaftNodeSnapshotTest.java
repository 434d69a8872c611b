package io.balsa.raft.node;

import static io.balsa.raft.node.TestCluster.PATIENCE;
import static io.balsa.raft.node.TestCluster.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.port.StorageException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes take snapshots, shorten their logs, start from snapshots, and send them to those who lack what is gone. */
class RaftNodeSnapshotTest {
    private static final CompactionPolicy OFTEN = new CompactionPolicy(1 << 20, 10, 3);

    @Test
    void aNodeTakesSnapshotsShortensItsLogAndStartsFromThem() {
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(OFTEN).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            addWords(server, 35);
            await().atMost(PATIENCE).until(() -> server.node.status().firstIndex() > 1);
            assertThat(server.node.status().snapshotIndex()).isPositive();
            String words = text(server.read(ReadConsistency.LINEARIZABLE, "list"));
            server.node.close();
            cluster.start(server);
            assertThat(server.machine.restores()).isEqualTo(1);
            cluster.awaitLeader();
            assertThat(text(server.read(ReadConsistency.LINEARIZABLE, "list"))).isEqualTo(words);
        }
    }

    @Test
    void manyBytesAreAReasonForASnapshotAsManyEntriesAre() {
        CompactionPolicy byBytes = new CompactionPolicy(1_000, Long.MAX_VALUE, 0);
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(byBytes).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            addWords(server, 3);
            assertThat(server.snapshots.published()).isZero();
            text(server.propose("add " + "w".repeat(1_000)));
            await().atMost(PATIENCE).until(() -> server.node.status().firstIndex() > 4);
            assertThat(server.snapshots.published()).isPositive();
        }
    }

    @Test
    void aFollowerThatWasAwayTooLongGetsASnapshotAndThenTheRest() {
        try (TestCluster cluster = new TestCluster(
                        3, TestCluster.patientOptions().compaction(OFTEN).build())
                .start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server away = cluster.others(leader).get(0);
            cluster.network.isolate(away.id);
            addWords(leader, 60);
            await().atMost(PATIENCE).until(() -> leader.log.firstIndex() > away.log.lastIndex() + 1);
            cluster.network.heal();
            cluster.awaitWords(words(60));
            assertThat(away.machine.restores()).isPositive();
            assertThat(away.snapshots.latestIndex()).isPositive();
        }
    }

    @Test
    @Tag("case-54")
    void aFollowerCatchesUpAlthoughTheLogIsShortenedAgainAndAgainMeanwhile() {
        try (TestCluster cluster = new TestCluster(
                        3, TestCluster.patientOptions().compaction(OFTEN).build())
                .start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server away = cluster.others(leader).get(0);
            cluster.network.isolate(away.id);
            addWords(leader, 60);
            await().atMost(PATIENCE).until(() -> leader.log.firstIndex() > away.log.lastIndex() + 1);
            cluster.network.heal();
            int more = 0;
            while (away.machine.restores() == 0 || more < 100) {
                assertThat(more).isLessThan(100_000);
                text(leader.propose("add m" + more++));
            }
            await().atMost(PATIENCE).until(() -> away.machine.words().equals(leader.machine.words()));
        }
    }

    @Test
    @Tag("case-32")
    void aDamagedSnapshotIsMadeAgainFromALogThatHasEverything() {
        CompactionPolicy keepAll = new CompactionPolicy(1 << 20, 10, 1_000);
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(keepAll).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            addWords(server, 15);
            await().atMost(PATIENCE).until(() -> server.snapshots.latestIndex() >= 10);
            server.node.close();
            server.snapshots.damageLatest();
            cluster.start(server);
            cluster.awaitLeader();
            cluster.awaitWords(words(15));
            assertThat(server.machine.restores()).isZero();
        }
    }

    @Test
    @Tag("case-32")
    void aNodeDoesNotStartWithADamagedSnapshotAndNothingInItsPlace() {
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(OFTEN).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            addWords(server, 35);
            await().atMost(PATIENCE).until(() -> server.log.firstIndex() > 1);
            server.node.close();
            server.snapshots.damageLatest();
            assertThatThrownBy(() -> cluster.build(server))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("damaged")
                    .hasMessageContaining("balsa data discard");
            assertThat(server.snapshots.latest()).isPresent();
        }
    }

    @Test
    @Tag("case-32")
    void aLeaderWhoseSnapshotProvesDamagedTakesAFreshOneAndTheFollowerGetsThat() {
        try (TestCluster cluster = new TestCluster(
                        3, TestCluster.patientOptions().compaction(OFTEN).build())
                .start()) {
            TestCluster.Server leader = cluster.awaitLeader();
            TestCluster.Server away = cluster.others(leader).get(0);
            cluster.network.isolate(away.id);
            addWords(leader, 60);
            await().atMost(PATIENCE).until(() -> leader.log.firstIndex() > away.log.lastIndex() + 1);
            leader.snapshots.damageNextRead();
            cluster.network.heal();
            // Nothing more is written, so it is not the next snapshot by the usual rule that helps.
            cluster.awaitWords(words(60));
            assertThat(away.machine.restores()).isPositive();
            assertThat(leader.snapshots.discards()).isEqualTo(1);
            assertThat(leader.leads()).isTrue();
        }
    }

    @Test
    @Tag("case-32")
    void aDamagedSnapshotIsMadeAgainFromAnOlderOneAndTheLog() {
        CompactionPolicy keepSome = new CompactionPolicy(1 << 20, 10, 100);
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(keepSome).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.snapshots.setKeepsOlder(true);
            int count = 0;
            while (server.log.firstIndex() == 1 || server.snapshots.published() < 3) {
                assertThat(count).isLessThan(100_000);
                text(server.propose("add w" + ++count));
                // A disk that is slow to take a snapshot must not let the log go beyond where the one before it ends.
                await().atMost(PATIENCE).until(() -> server.log.lastIndex() - server.snapshots.latestIndex() < 50);
            }
            server.node.close();
            server.snapshots.damageLatest();
            cluster.start(server);
            cluster.awaitLeader();
            cluster.awaitWords(words(count));
            assertThat(server.machine.restores()).isEqualTo(1);
            assertThat(server.snapshots.discards()).isEqualTo(1);
        }
    }

    @Test
    @Tag("case-34")
    void aDiskWithoutRoomForASnapshotDoesNotStopTheNode() {
        try (TestCluster cluster =
                new TestCluster(1, TestCluster.options().compaction(OFTEN).build()).start()) {
            TestCluster.Server server = cluster.awaitLeader();
            server.snapshots.setFull(true);
            addWords(server, 35);
            assertThat(server.snapshots.published()).isZero();
            assertThat(server.log.firstIndex()).isEqualTo(1);
            assertThat(server.leads()).isTrue();
        }
    }

    private static void addWords(TestCluster.Server leader, int count) {
        for (String word : words(count)) {
            text(leader.propose("add " + word));
        }
    }

    private static String[] words(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "w" + i).toArray(String[]::new);
    }
}
