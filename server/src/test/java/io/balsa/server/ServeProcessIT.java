package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.balsa.server.support.Cli;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process: how it starts, stops, and says why it does not start. */
class ServeProcessIT {
    @TempDir
    private Path directory;

    @Test
    void threeNodesServeEveryClientCommand() {
        try (JarCluster cluster = JarCluster.start(directory, 3)) {
            String leader = cluster.awaitLeader();
            Map<String, Object> status =
                    cluster.cli("status", "--output", "json").json();
            assertThat(status).containsEntry("leader", leader).containsEntry("silent", List.of());
            assertThat(run(cluster, "kv", "put", "k", "v").out()).startsWith("revision ");
            assertThat(run(cluster, "kv", "get", "k").out()).isEqualTo("v\n");
            Map<String, Object> lock =
                    Cli.parseJson(run(cluster, "lock", "acquire", "l", "--ttl", "1m", "--output", "json")
                            .out());
            assertThat(run(cluster, "lock", "release", (String) lock.get("lease"))
                            .exitCode())
                    .isZero();
            assertThat(run(
                                    cluster,
                                    "service",
                                    "register",
                                    "s",
                                    "--id",
                                    "1",
                                    "--address",
                                    "h",
                                    "--port",
                                    "1",
                                    "--detach",
                                    "--ttl",
                                    "1m")
                            .exitCode())
                    .isZero();
            assertThat(run(cluster, "service", "list", "s").out()).contains("h:1");
            // Any node is enough to find the leader.
            for (String id : cluster.ids()) {
                Cli.Result got = Cli.run("kv", "get", "k", "--cluster", cluster.address(id));
                assertThat(got.out()).as(got.err()).isEqualTo("v\n");
            }
        }
    }

    @Test
    void whatWasWrittenIsThereAfterAllNodesWereStoppedCleanly() {
        try (JarCluster cluster = JarCluster.start(directory, 3)) {
            assertThat(cluster.cli("kv", "put", "k", "v").exitCode()).isZero();
            for (String id : cluster.ids()) {
                JarProcess.Result stopped = cluster.stop(id);
                assertThat(stopped.exitCode()).as(stopped.err()).isZero();
            }
            cluster.startAll();
            assertThat(cluster.cli("kv", "get", "k", "--timeout", "30s").out()).isEqualTo("v\n");
        }
    }

    @Test
    void saysInOneLineThatItIsReady() {
        JarCluster cluster = JarCluster.of(directory, 1);
        try (JarProcess node = JarProcess.start(
                directory,
                List.of(
                        "serve",
                        "--output",
                        "json",
                        "--config",
                        cluster.configure("n1").toString()))) {
            String line = node.awaitLine(printed -> true);
            assertThat(Cli.parseJson(line))
                    .containsEntry("event", "ready")
                    .containsEntry("node", "n1")
                    .containsEntry("cluster", "test")
                    .containsEntry("peerAddress", "127.0.0.1:" + cluster.peerPort("n1"))
                    .containsEntry("clientAddress", cluster.address("n1"))
                    .containsKey("millis");
            JarProcess.Result result = node.terminate();
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.out().lines()).hasSize(1);
        }
    }

    @Test
    void listensWhereItIsToldAndSaysWhereItIsReached() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        Path file = cluster.configure("n1");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("node:\n", "node:\n  bind_address: 0.0.0.0\n  client_address: nowhere.invalid\n"));
        try (JarProcess node = JarProcess.start(directory, List.of("serve", "--config", file.toString()))) {
            String ready = node.awaitLine(line -> line.startsWith("ready:"));
            assertThat(ready).contains("clients at " + cluster.address("n1").replace("127.0.0.1", "nowhere.invalid"));
            await().atMost(JarProcess.PATIENCE)
                    .until(
                            () -> cluster.cli("status", "--output", "json")
                                    .json()
                                    .get("leader"),
                            "n1"::equals);
        }
    }

    @Test
    void interruptsStopItCleanlyToo() {
        try (JarCluster cluster = JarCluster.start(directory, 1)) {
            cluster.node("n1").signal("INT");
            assertThat(cluster.node("n1").awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    @Tag("case-92")
    void namesTheKeyOfAConfigurationError() throws IOException {
        Path file = JarCluster.of(directory, 1).configure("n1");
        List<String> lines = Files.readString(file)
                .replace("client_port", "client_prot")
                .lines()
                .toList();
        Files.write(file, lines);
        int wrong = 1
                + (int) lines.stream()
                        .takeWhile(line -> !line.contains("client_prot"))
                        .count();
        assertFailure(
                JarProcess.run(directory, "serve", "--config", file.toString()),
                80,
                file + ":" + wrong + ": node.client_prot: unknown key; did you mean node.client_port?");
    }

    @Test
    @Tag("case-92")
    void saysThatThePeerPortIsInUse() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        int port = cluster.peerPort("n1");
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(other.isBound()).isTrue();
            assertFailure(serve(cluster, "n1"), 81, "can't listen on 127.0.0.1:" + port + ": ");
        }
    }

    @Test
    @Tag("case-92")
    void saysThatTheClientPortIsInUse() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        int port = Integer.parseInt(cluster.address("n1").replaceFirst(".*:", ""));
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(other.isBound()).isTrue();
            assertFailure(serve(cluster, "n1"), 81, "can't listen on 127.0.0.1:" + port + ": ");
        }
    }

    @Test
    @Tag("case-91")
    void refusesTheDataDirectoryOfAnotherNode() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 2);
        startAndStop(cluster, "n1");
        Files.move(cluster.dataDirectory("n1"), cluster.dataDirectory("n2"));
        assertFailure(serve(cluster, "n2"), 82, cluster.dataDirectory("n2").toString());
    }

    @Test
    @Tag("case-90")
    void refusesTheDataDirectoryOfAnotherCluster() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        startAndStop(cluster, "n1");
        Path file = cluster.configure("n1");
        Files.writeString(file, Files.readString(file).replace("id: test", "id: other"));
        assertFailure(
                JarProcess.run(directory, "serve", "--config", file.toString()),
                82,
                cluster.dataDirectory("n1").toString());
    }

    @Test
    @Tag("case-91")
    void refusesADataDirectoryThatIsInUse() throws IOException {
        JarCluster first = JarCluster.of(directory, 1);
        try (JarProcess running = first.start("n1")) {
            assertThat(running.isAlive()).isTrue();
            // The same node and directory, on other ports.
            JarCluster second = JarCluster.of(directory, 1);
            assertFailure(serve(second, "n1"), 83, second.dataDirectory("n1").toString());
        }
    }

    @Test
    @Tag("case-31")
    void refusesADamagedVote() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        startAndStop(cluster, "n1");
        Path hardState = cluster.dataDirectory("n1").resolve("hard-state");
        byte[] bytes = Files.readAllBytes(hardState);
        bytes[bytes.length / 2] ^= 1;
        Files.write(hardState, bytes);
        assertFailure(serve(cluster, "n1"), 84, hardState.toString());
    }

    @Test
    @Tag("case-33")
    void refusesADirectoryThatHasLostItsLog() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        startAndStop(cluster, "n1");
        try (Stream<Path> files = Files.list(cluster.dataDirectory("n1").resolve("log"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertFailure(serve(cluster, "n1"), 84, cluster.dataDirectory("n1").toString());
    }

    @Test
    @Tag("case-92")
    void saysThatTheDataDirectoryCannotBeMade() throws IOException {
        JarCluster cluster = JarCluster.of(directory, 1);
        Files.writeString(cluster.dataDirectory("n1"), "a file is in the way");
        assertFailure(serve(cluster, "n1"), 84, cluster.dataDirectory("n1").toString());
    }

    @Test
    @Tag("case-3")
    void aNodeThatCannotSaveItsVoteHaltsAndSaysWhy() throws IOException {
        try (JarCluster cluster = JarCluster.start(directory, 3)) {
            String leader = cluster.awaitLeader();
            String follower = cluster.ids().stream()
                    .filter(id -> !id.equals(leader))
                    .findFirst()
                    .orElseThrow();
            Path hardState = cluster.dataDirectory(follower).resolve("hard-state");
            // It is replaced by renaming a temporary file, whose place is taken now.
            Files.createDirectory(hardState.resolveSibling("hard-state.tmp"));
            cluster.kill(leader);
            JarProcess.Result halted = cluster.node(follower).awaitEnd();
            assertThat(halted.exitCode()).as(halted.err()).isEqualTo(85);
            assertThat(halted.err().lines().toList())
                    .last()
                    .asString()
                    .startsWith("balsa: node " + follower + " halted: ")
                    .contains(hardState.toString());
        }
    }

    private void startAndStop(JarCluster cluster, String id) {
        cluster.start(id);
        await().atMost(JarProcess.PATIENCE)
                .until(() -> Files.exists(cluster.dataDirectory(id).resolve("hard-state")));
        JarProcess.Result stopped = cluster.stop(id);
        assertThat(stopped.exitCode()).as(stopped.err()).isZero();
    }

    private JarProcess.Result serve(JarCluster cluster, String id) {
        return JarProcess.run(
                directory, "serve", "--config", cluster.configure(id).toString());
    }

    /** The log may say more; the reason is one line, the last, without a stack trace. */
    private static void assertFailure(JarProcess.Result result, int exitCode, String reason) {
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).doesNotContain("\tat ");
        assertThat(result.err().lines().toList())
                .last()
                .asString()
                .startsWith("balsa: ")
                .contains(reason);
    }

    private JarProcess.Result run(JarCluster cluster, String... arguments) {
        List<String> all = Stream.concat(Stream.of(arguments), Stream.of("--cluster", cluster.addresses()))
                .toList();
        return JarProcess.run(directory, all.toArray(String[]::new));
    }
}
