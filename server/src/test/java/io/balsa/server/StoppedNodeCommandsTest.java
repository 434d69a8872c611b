package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.FileSnapshotStorage;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.server.support.Cli;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look after the data of a stopped node. */
class StoppedNodeCommandsTest {
    private static final NodeId NODE = NodeId.of("n2");
    private static final Configuration MEMBERS = Configuration.of(List.of(NodeId.of("n1"), NODE));

    @TempDir
    Path temporary;

    private Path data() {
        return temporary.resolve("n2");
    }

    @BeforeEach
    void fill() throws IOException {
        try (DataDirectory directory = DataDirectory.open(data(), "orders", NODE);
                LogStorage log = directory.openLog();
                FileSnapshotStorage snapshots = directory.openSnapshots();
                SnapshotStorage.Writing writing = snapshots.write(new SnapshotMetadata(2, 1, 5, MEMBERS))) {
            log.append(List.of(
                    new LogEntry(1, 1, EntryType.CONFIGURATION, 1, MEMBERS.encode()),
                    new LogEntry(2, 1, EntryType.COMMAND, 5, new byte[1000]),
                    new LogEntry(3, 2, EntryType.COMMAND, 6, new byte[1000])));
            log.sync();
            writing.output().write(new byte[10_000]);
            writing.publish();
        }
    }

    private Cli.Result run(String... command) {
        return Cli.run(Stream.concat(List.of(command).stream(), List.of("--data", data().toString()).stream())
                .toList());
    }

    private static void damage(Path directory, String glob) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            Path file = files.iterator().next();
            byte[] content = Files.readAllBytes(file);
            // In the middle of what was written, whatever the length of the file.
            int at = content.length - 1;
            while (content[at] == 0) {
                at--;
            }
            content[at - 20] ^= 4;
            Files.write(file, content);
        }
    }

    @Test
    void aWholeLogIsDescribed() {
        Cli.Result result = run("log", "verify");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("entries 1 to 3, terms 1 to 2")
                .contains("configuration at 1: n1,n2")
                .containsPattern("acknowledged up to record 1, position [0-9]+ of [0-9]+[.]segment");
        assertThat(run("log", "verify", "--output", "json").json())
                .containsEntry("lastIndex", 3)
                .containsEntry("damages", List.of());
    }

    @Test
    @Tag("case-30")
    void aDamagedLogIsNamedWithTheWayOut() throws IOException {
        damage(data().resolve("log"), "*.segment");
        Cli.Result result = run("log", "verify");
        assertThat(result.exitCode()).isEqualTo(88);
        assertThat(result.out()).contains("DAMAGED: ").contains(" at position ");
        assertThat(result.err())
                .startsWith("balsa: the log is damaged: ")
                .contains("balsa data discard")
                .hasLineCount(1);
    }

    @Test
    void wholeSnapshotsAreDescribed() {
        Cli.Result result = run("snapshot", "verify");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out().lines())
                .hasSize(3)
                .allMatch(line -> line.length() <= 80)
                .contains("configuration at 2: n1,n2");
        assertThat(run("snapshot", "verify", "--output", "json").json()).containsEntry("notes", List.of());
    }

    @Test
    @Tag("case-32")
    void aDamagedSnapshotIsNamed() throws IOException {
        damage(data().resolve("snapshots"), "*.snapshot");
        Cli.Result result = run("snapshot", "verify");
        assertThat(result.exitCode()).isEqualTo(88);
        assertThat(result.out()).contains("no whole snapshot").contains("DAMAGED: ");
    }

    @Test
    void aRunningNodeIsLeftAlone() {
        try (DataDirectory directory = DataDirectory.open(data(), "orders", NODE)) {
            for (List<String> command :
                    List.of(List.of("log", "verify"), List.of("snapshot", "verify"), List.of("data", "discard"))) {
                Cli.Result result = run(command.toArray(String[]::new));
                assertThat(result.exitCode()).isEqualTo(83);
                assertThat(result.err()).contains(directory.path().toString()).contains("stop the node first");
            }
        }
    }

    @Test
    @Tag("case-33")
    void anotherDirectoryIsNotTakenForANode() {
        Cli.Result result = Cli.run("log", "verify", "--data", temporary.toString());
        assertThat(result.exitCode()).isEqualTo(84);
        assertThat(result.err()).contains("is not the data directory of a node");
    }

    @Test
    @Tag("case-38")
    void dataIsDiscardedOnlyWhenConfirmedAndThenMovedAside() {
        Cli.Result unconfirmed = run("data", "discard");
        assertThat(unconfirmed.exitCode()).isEqualTo(2);
        assertThat(unconfirmed.err()).contains("--yes");
        assertThat(data()).exists();
        Cli.Result discarded = run("data", "discard", "--yes");
        assertThat(discarded.exitCode()).as(discarded.err()).isZero();
        assertThat(discarded.out())
                .contains("n2.discarded-1")
                .contains("balsa member replace n2 NEW-ID", "cluster.join", "node.id")
                .contains("balsa member add NEW-ID");
        assertThat(data()).doesNotExist();
        assertThat(temporary.resolve("n2.discarded-1").resolve("node.properties"))
                .exists();
        Map<String, Object> again = Cli.run(
                        "data",
                        "discard",
                        "--yes",
                        "--output",
                        "json",
                        "--data",
                        temporary.resolve("n2.discarded-1").toString())
                .json();
        assertThat(again).containsEntry("node", "n2").containsEntry("cluster", "orders");
    }
}
