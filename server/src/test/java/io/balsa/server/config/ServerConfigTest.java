package io.balsa.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.core.NodeId;
import io.balsa.server.CommandFailure;
import io.balsa.server.ExitCode;
import io.balsa.server.support.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    private static final String GOOD =
            """
            cluster:
              id: example
            node:
              id: n2
              data_directory: data/n2
            nodes:
              - id: n1
                address: host-1.example
                port: 7101
              - id: n2
                address: host-2.example
                port: 7102
            network:
              heartbeat_interval: 50ms
              election_timeout: 1m30s
            """;

    @TempDir
    private Path directory;

    @Test
    void readsEverything() throws IOException {
        ServerConfig config = read(
                """
                cluster: {id: example, join: true}
                node:
                  id: n1
                  data_directory: /var/lib/balsa
                  bind_address: 0.0.0.0
                  client_port: 0
                  client_address: public.example
                nodes:
                - {id: n1, address: "::1", port: 7101, role: coordinator, metadata: {rack: 12, zone: a}}
                network: {heartbeat_interval: 20ms, election_timeout: 40ms, rpc_timeout: 10m}
                raft: {election_priority: 7, max_clock_drift_percent: 0, handover_timeout: 3s}
                log: {storage: chronicle}
                snapshot: {log_bytes: 1GiB, log_entries: 5, kept_entries: 0, max_transfer_rate: 512KiB}
                """);
        assertThat(config)
                .isEqualTo(new ServerConfig(
                        "example",
                        NodeId.of("n1"),
                        Path.of("/var/lib/balsa"),
                        "0.0.0.0",
                        0,
                        "public.example",
                        List.of(new ServerConfig.Member(
                                NodeId.of("n1"), "::1", 7101, Map.of("rack", "12", "zone", "a"))),
                        Duration.ofMillis(20),
                        Duration.ofMillis(40),
                        Duration.ofMinutes(10),
                        true,
                        new ServerConfig.RaftSettings(7, 0, Duration.ofSeconds(3)),
                        LogStorageKind.CHRONICLE,
                        new ServerConfig.SnapshotSettings(1 << 30, 5, 0, 512 << 10)));
        assertThat(config.self().endpoint()).isEqualTo("[::1]:7101");
    }

    @Test
    void takesDefaultsForWhatIsNotGiven() throws IOException {
        ServerConfig config = read(GOOD);
        assertThat(config.bindAddress()).isEqualTo("host-2.example");
        assertThat(config.clientAddress()).isEqualTo("host-2.example");
        assertThat(config.clientPort()).isEqualTo(7201);
        assertThat(config.rpcTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.self().port()).isEqualTo(7102);
        assertThat(config.join()).isFalse();
        assertThat(config.logStorage()).isEqualTo(LogStorageKind.SEGMENT);
        assertThat(read(GOOD + "log: {storage: segment-cached}\n").logStorage())
                .isEqualTo(LogStorageKind.SEGMENT_CACHED);
        assertThat(config.snapshots())
                .isEqualTo(new ServerConfig.SnapshotSettings(64 << 20, 1_000_000, 10_000, 64 << 20));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsTheExamples(int number) {
        ServerConfig config = ServerConfig.read(Repository.file("docs/examples/node" + number + ".yaml"));
        assertThat(config.nodeId()).isEqualTo(NodeId.of("n" + number));
        assertThat(config.clientPort()).isEqualTo(7200 + number);
        assertThat(config.nodes()).hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    @Tag("case-92")
    void namesTheKeyOfAMistake(String from, String to, String expected) throws IOException {
        assertThat(GOOD).contains(from);
        assertFailure(GOOD.replace(from, to), expected);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        "network:\n",
                        "log: {storage: mapped}\nnetwork:\n",
                        ":13: log.storage: 'mapped' is none of segment, segment-cached and chronicle"),
                // Unknown keys.
                mistake(
                        "heartbeat_interval:",
                        "heartbeat_intervall:",
                        ":14: network.heartbeat_intervall: unknown key; did you mean network.heartbeat_interval?"),
                mistake(
                        "heartbeat_interval:",
                        "heartbeatInterval:",
                        ":14: network.heartbeatInterval: unknown key; did you mean network.heartbeat_interval?"),
                mistake(
                        "node:\n",
                        "node:\n  election_timeout: 1s\n",
                        ":4: node.election_timeout: unknown key; did you mean network.election_timeout?"),
                mistake("network:", "netwrok:", ":13: netwrok: unknown key; did you mean network?"),
                mistake(
                        "network:",
                        "consistency:\n  level: strong\nnetwork:",
                        ":13: consistency: unknown key; known here: cluster, node, nodes, network"),
                mistake(
                        "port: 7101",
                        "port: 7101\n    colour: red",
                        ":10: nodes[0].colour: unknown key; known here: id, address, port, role, metadata"),
                // Missing keys.
                mistake("  id: example", "  {}", ": cluster.id: missing; this key is required"),
                mistake("cluster:\n  id: example\n", "", ": cluster.id: missing; this key is required"),
                mistake("  data_directory: data/n2\n", "", ": node.data_directory: missing; this key is required"),
                mistake("    port: 7102\n", "", ":10: nodes[1].port: missing; this key is required"),
                // Repeated keys and names.
                mistake("  id: n2\n", "  id: n2\n  id: n1\n", ":5: node.id: given twice; first in line 4"),
                mistake("- id: n2", "- id: n1", ":10: nodes[1].id: 'n1' is already that of nodes[0].id"),
                mistake(
                        "host-2.example\n    port: 7102",
                        "host-1.example\n    port: 7101",
                        ":12: nodes[1].port: the address host-1.example:7101 is already that of nodes[0].port"),
                mistake(
                        "port: 7101",
                        "metadata: {rack: a, rack: b}\n    port: 7101",
                        ":9: nodes[0].metadata.rack: given twice"),
                // Values of the wrong kind.
                mistake(
                        "  id: example",
                        "  - example",
                        ":2: cluster: expected a mapping with the keys id, join, found a list"),
                mistake(
                        "cluster:\n  id: example",
                        "cluster: example",
                        ":1: cluster: expected a mapping with the keys id, join, found 'example'"),
                mistake("id: example", "id: [example]", ":2: cluster.id: expected a single value, found a list"),
                mistake("id: example", "id:", ":2: cluster.id: expected a single value, found nothing"),
                mistake(
                        "id: example",
                        "id: !secret example",
                        ":2: cluster.id: expected a single value, found a value with the tag !secret"),
                mistake(
                        "port: 7101",
                        "metadata: rack\n    port: 7101",
                        ":9: nodes[0].metadata: expected a mapping of texts to texts, found 'rack'"),
                // Values that make no sense.
                mistake("50ms", "50", ":14: network.heartbeat_interval: '50' has no unit; write 50ms, 50s or 50m"),
                mistake(
                        "50ms",
                        "fast",
                        ":14: network.heartbeat_interval: 'fast' is not a duration like 100ms, 10s or 1m30s"),
                mistake("50ms", "0s", ":14: network.heartbeat_interval: '0s' is not from 1ms to 10m"),
                mistake("1m30s", "11m", ":15: network.election_timeout: '11m' is not from 1ms to 10m"),
                mistake(
                        "1m30s",
                        "99ms",
                        ":15: network.election_timeout: the election timeout, 99ms, is less than twice the heartbeat"
                                + " interval, 50ms"),
                mistake(
                        "50ms\n  election_timeout: 1m30s",
                        "1s",
                        ":14: network.heartbeat_interval: the election timeout, 500ms, is less than twice the heartbeat"
                                + " interval, 1s"),
                mistake("7101", "0", ":9: nodes[0].port: '0' is not a port from 1 to 65535"),
                mistake("7101", "65536", ":9: nodes[0].port: '65536' is not a port from 1 to 65535"),
                mistake("7101", "http", ":9: nodes[0].port: 'http' is not a port from 1 to 65535"),
                mistake(
                        "id: example",
                        "id: my cluster",
                        ":2: cluster.id: 'my cluster' is not a name of 1 to 64 letters, digits, '.', '_' or '-'"),
                mistake("  id: n2\n", "  id: n3\n", ":4: node.id: 'n3' is not the id of one of nodes"),
                mistake(
                        "host-1.example",
                        "host-1.example:7101",
                        ":8: nodes[0].address: 'host-1.example:7101' has a port in it; expected only a host name or IP"
                                + " address"),
                mistake(
                        "host-1.example",
                        "http://host",
                        ":8: nodes[0].address: 'http://host' is not a host name or IP address"),
                mistake("data/n2", "\"\"", ":5: node.data_directory: '' is not a path"),
                mistake(
                        "port: 7101",
                        "port: 7101\n    role: leader",
                        ":10: nodes[0].role: 'leader' is elected, not configured; expected coordinator, or no role"),
                mistake(
                        "port: 7101",
                        "port: 7101\n    role: worker",
                        ":10: nodes[0].role: 'worker' is no role that a node can have; expected coordinator"),
                mistake(
                        "7102",
                        "7201",
                        ":12: nodes[1].port: '7201' would be this node's port both for clients and for other nodes"));
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    @Tag("case-92")
    void saysWhatIsWrongWithAFile(String text, String expected) throws IOException {
        assertFailure(text, expected);
    }

    static Stream<Arguments> brokenFiles() {
        return Stream.of(
                Arguments.of("", ": the file is empty"),
                Arguments.of("# nothing\n", ": the file is empty"),
                Arguments.of(
                        "just text\n",
                        ":1: expected a mapping with the keys cluster, node, nodes, network, raft, log, snapshot, found 'just text'"),
                Arguments.of("cluster:\n  id: a\n node: b\n", ":3: not valid YAML: "),
                Arguments.of(
                        "cluster: {id: a}\n---\ncluster: {id: b}\n", ":2: not valid YAML: but found another document"),
                Arguments.of("nodes: []\nnode: {id: a}\n", ": nodes: missing; this key is required"),
                Arguments.of("nodes: &all [*all]\n", ":1: "));
    }

    @Test
    @Tag("case-92")
    void saysThatThereIsNoFile() {
        Path missing = directory.resolve("missing.yaml");
        assertThatThrownBy(() -> ServerConfig.read(missing)).hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> ServerConfig.read(directory)).hasMessage(directory + ": is a directory");
    }

    @Test
    @Tag("case-92")
    void saysThatAFileIsNoText() throws IOException {
        Path file = directory.resolve("node.yaml");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> ServerConfig.read(file)).hasMessage(file + ": not UTF-8 text");
    }

    private static Arguments mistake(String from, String to, String expected) {
        return Arguments.of(from, to, expected);
    }

    private ServerConfig read(String text) throws IOException {
        return ServerConfig.read(Files.writeString(directory.resolve("node.yaml"), text));
    }

    private void assertFailure(String text, String expected) throws IOException {
        Path file = Files.writeString(directory.resolve("node.yaml"), text);
        assertThatThrownBy(() -> ServerConfig.read(file)).isInstanceOfSatisfying(CommandFailure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
            assertThat(failure.getMessage()).startsWith(file + expected).doesNotContain("\n");
        });
    }
}
