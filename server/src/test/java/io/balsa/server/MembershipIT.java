package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Cli;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes join a cluster of processes and leave it, while everything that was written stays. */
class MembershipIT {
    @TempDir
    private Path directory;

    @Test
    @Tag("case-44")
    @Tag("case-48")
    void aClusterGrowsByASnapshotLosesItsLeaderAndReplacesADeadNode() {
        try (JarCluster cluster = JarCluster.of(directory, 3)) {
            cluster.setSnapshotEntries(20);
            cluster.startAll();
            cluster.awaitLeader();
            for (int i = 0; i < 30; i++) {
                assertDone(cluster.cli("kv", "put", "k" + i, "v" + i));
            }
            String oldLeader = cluster.awaitLeader();

            cluster.join("n4");
            assertDone(cluster.cli("member", "add", "n4", cluster.peerAddress("n4")));
            assertDone(cluster.cli("member", "promote", "n4", "--timeout", "60s"));
            assertThat(snapshotIndexOf(cluster, "n4"))
                    .as("n4 began with a snapshot")
                    .isPositive();

            assertDone(cluster.cli("member", "remove", oldLeader, "--timeout", "60s"));
            cluster.stop(oldLeader);
            cluster.awaitLeader();
            assertThat(voters(cluster)).hasSize(3).doesNotContain(oldLeader);

            String dead = voters(cluster).stream()
                    .filter(id -> !id.equals("n4") && !id.equals(cluster.awaitLeader()))
                    .findFirst()
                    .orElseThrow();
            cluster.kill(dead);
            cluster.join("n5");
            assertDone(cluster.cli("member", "add", "n5", cluster.peerAddress("n5"), "--timeout", "60s"));
            assertDone(cluster.cli("member", "replace", dead, "n5", "--timeout", "60s"));
            assertThat(voters(cluster)).hasSize(3).contains("n4", "n5").doesNotContain(dead);
            assertThat(cluster.cli("member", "add", dead, cluster.peerAddress(dead))
                            .exitCode())
                    .isEqualTo(90);
            for (int i = 0; i < 30; i++) {
                assertThat(cluster.cli("kv", "get", "k" + i).out()).isEqualTo("v" + i + "\n");
            }
        }
    }

    @Test
    void aLeaderThatIsStoppedHandsOverWithoutAnElectionTimeout() {
        try (JarCluster cluster = JarCluster.start(directory, 3)) {
            String leader = cluster.awaitLeader();
            long term = term(cluster);
            assertThat(cluster.stop(leader).exitCode()).isZero();
            assertThat(cluster.awaitLeader()).isNotEqualTo(leader);
            // One election, and nobody else stood: the one that the leader itself asked for.
            assertThat(term(cluster)).isEqualTo(term + 1);
        }
    }

    private static void assertDone(Cli.Result result) {
        assertThat(result.exitCode()).as("%s", result).isZero();
    }

    private static long term(JarCluster cluster) {
        return ((Number) cluster.cli("status", "--output", "json").json().get("term")).longValue();
    }

    private static List<String> voters(JarCluster cluster) {
        return await()
                .atMost(JarProcess.PATIENCE)
                .until(
                        () -> cluster.cli("member", "list", "--output", "json").json(),
                        json -> json.get("leader") != null)
                .entrySet()
                .stream()
                .filter(entry -> entry.getKey().equals("members"))
                .flatMap(entry -> ((List<?>) entry.getValue()).stream())
                .map(member -> (Map<?, ?>) member)
                .filter(member -> member.get("role").equals("voter"))
                .map(member -> (String) member.get("id"))
                .toList();
    }

    private static long snapshotIndexOf(JarCluster cluster, String id) {
        Object nodes = cluster.cli("status", "--output", "json").json().get("nodes");
        return ((List<?>) nodes)
                .stream()
                        .map(node -> (Map<?, ?>) node)
                        .filter(node -> id.equals(node.get("id")))
                        .mapToLong(node -> ((Number) node.get("snapshotIndex")).longValue())
                        .findFirst()
                        .orElseThrow();
    }
}
