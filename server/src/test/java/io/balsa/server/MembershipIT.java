package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Cli;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes join a cluster of processes and leave it, while everything that was written stays. */
class MembershipIT {
    @TempDir
    private Path directory;

    @Test
    @Tag("case-38")
    @Tag("case-44")
    @Tag("case-47")
    @Tag("case-48")
    @Tag("case-49")
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
            assertExcluded(cluster, oldLeader, "removed", "node " + oldLeader + " was removed from cluster 'test'");
            cluster.stop(oldLeader);
            // It has nothing to tell it by but the others.
            cluster.start(oldLeader);
            assertExcluded(cluster, oldLeader, "removed", "node " + oldLeader + " was removed from cluster 'test'");
            cluster.stop(oldLeader);
            cluster.awaitLeader();
            assertThat(voters(cluster)).hasSize(3).doesNotContain(oldLeader);

            String dead = voters(cluster).stream()
                    .filter(id -> !id.equals("n4") && !id.equals(cluster.awaitLeader()))
                    .findFirst()
                    .orElseThrow();
            cluster.kill(dead);
            wipe(cluster.dataDirectory(dead));
            cluster.start(dead);
            assertExcluded(cluster, dead, "refused", "the other nodes of cluster 'test' refuse node " + dead);
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
            JarProcess.Result stopped = cluster.stop(leader);
            assertThat(stopped.exitCode()).isZero();
            // Done: another had been elected before it ended. Terms can't be counted, a busy machine may need one more.
            assertThat(stopped.err()).contains("node " + leader + " closes; handing over: Done");
            assertThat(cluster.awaitLeader()).isNotEqualTo(leader);
        }
    }

    /** It says so once on standard output and once in its log, whole, and its status shows it. */
    private static void assertExcluded(JarCluster cluster, String id, String role, String beginning) {
        JarProcess node = cluster.node(id);
        String line = node.awaitLine(text -> text.startsWith(role + ": "));
        assertThat(line).startsWith(role + ": " + beginning).endsWith("balsa member add");
        Map<?, ?> status = await().atMost(JarProcess.PATIENCE)
                .until(() -> statusOf(cluster, id), now -> role.equals(now.get("role")));
        assertThat(line).isEqualTo(role + ": " + status.get("excluded"));
        assertThat(cluster.cli("status").out()).contains((String) status.get("excluded"));
        assertThat(node.isAlive()).isTrue();
        assertThat(node.out().lines().filter(text -> text.startsWith(role + ": ")))
                .hasSize(1);
        assertThat(node.err().lines().filter(text -> text.contains(beginning))).hasSize(1);
    }

    private static void wipe(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertDone(Cli.Result result) {
        assertThat(result.exitCode()).as("%s", result).isZero();
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
        return ((Number) statusOf(cluster, id).get("snapshotIndex")).longValue();
    }

    private static Map<?, ?> statusOf(JarCluster cluster, String id) {
        Object nodes = cluster.cli("status", "--output", "json").json().get("nodes");
        return ((List<?>) nodes)
                .stream()
                        .map(node -> (Map<?, ?>) node)
                        .filter(node -> id.equals(node.get("id")))
                        .findFirst()
                        .orElseThrow();
    }
}
