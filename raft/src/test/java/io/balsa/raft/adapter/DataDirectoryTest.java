package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.DataDirectoryException.Reason;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private static final NodeId NODE = NodeId.of("n1");

    @TempDir
    Path temporary;

    private Path path() {
        return temporary.resolve("a").resolve("n1");
    }

    private DataDirectory open() {
        return DataDirectory.open(path(), "orders", NODE);
    }

    private static void assertRefused(Reason reason, ThrowingCallable open, String... messageParts) {
        assertThatThrownBy(open)
                .isInstanceOfSatisfying(DataDirectoryException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(reason))
                .hasMessageContainingAll(messageParts);
    }

    @Test
    void aNewDirectoryIsFormattedOnce() {
        String storeId;
        try (DataDirectory directory = open()) {
            storeId = directory.storeId();
            assertThat(storeId).matches("[0-9a-f]{32}");
            directory.openHardState().save(new HardState(3, Optional.of(NODE)));
        }
        try (DataDirectory directory = open()) {
            assertThat(directory.storeId()).isEqualTo(storeId);
            assertThat(directory.openHardState().load().term()).isEqualTo(3);
        }
    }

    @Test
    void entriesAndVotesSurviveAReopen() {
        try (DataDirectory directory = open();
                LogStorage log = directory.openLog()) {
            log.append(Entries.entries(1, 3, 1));
            log.sync();
        }
        try (DataDirectory directory = open();
                LogStorage log = directory.openLog()) {
            assertThat(log.read(1, 3, Long.MAX_VALUE)).isEqualTo(Entries.entries(1, 3, 1));
        }
    }

    @Test
    @Tag("case-91")
    void theDirectoryOfAnotherClusterOrNodeIsRefused() {
        open().close();
        assertRefused(
                Reason.OTHER_CLUSTER,
                () -> DataDirectory.open(path(), "payments", NODE),
                path().toString(),
                "'orders'",
                "'payments'");
        assertRefused(
                Reason.OTHER_NODE,
                () -> DataDirectory.open(path(), "orders", NodeId.of("n2")),
                path().toString(),
                "'n1'",
                "'n2'");
        open().close();
    }

    @Test
    @Tag("case-91")
    void anotherNodeInThisProcessIsKeptOut() {
        try (DataDirectory directory = open()) {
            assertRefused(Reason.IN_USE, this::open, directory.path().toString(), "in use");
        }
        open().close();
    }

    @Test
    @Tag("case-39")
    @Tag("case-91")
    void anotherProcessIsKeptOutEvenWhileTheFirstIsStalled() throws Exception {
        try (ChildJvm holder = ChildJvm.start(List.of(), RuntimeFlags.needed(), Holder.class, path().toString())) {
            assertThat(holder.awaitLine("locked")).isNotNull();
            long pid = holder.process().pid();
            signal("STOP", pid);
            assertRefused(Reason.IN_USE, this::open, path().toString(), "process " + pid);
            signal("CONT", pid);
            assertRefused(Reason.IN_USE, this::open, path().toString());
        }
        open().close();
    }

    private static void signal(String name, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Locks a directory until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (DataDirectory directory = DataDirectory.open(Path.of(arguments[0]), "orders", NODE)) {
                System.out.println("locked " + directory.path());
                System.in.read();
            }
        }
    }

    @Test
    @Tag("case-33")
    void aFormattedDirectoryThatLacksAnythingIsNotAFreshNode() throws IOException {
        open().close();
        Path mark = path().resolve("log").resolve("mark");
        byte[] content = Files.readAllBytes(mark);
        Files.delete(mark);
        try (DataDirectory directory = open()) {
            assertThatThrownBy(directory::openLog)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(mark.toString());
        }
        Files.delete(path().resolve("log"));
        assertRefused(Reason.DAMAGED, this::open, path().resolve("log").toString());
        Files.createDirectory(path().resolve("log"));
        Files.write(mark, content);
        Files.delete(path().resolve("hard-state"));
        assertRefused(Reason.DAMAGED, this::open, path().resolve("hard-state").toString());
    }

    @Test
    @Tag("case-33")
    void aDirectoryThatLostItsIdentityIsNotFormattedAnew() throws IOException {
        try (DataDirectory directory = open();
                LogStorage log = directory.openLog()) {
            log.append(Entries.entries(1, 3, 1));
            log.sync();
        }
        Path identity = path().resolve("node.properties");
        Files.delete(identity);
        assertRefused(Reason.DAMAGED, this::open, identity.toString());
        for (Path segment : SegmentFiles.list(path().resolve("log")).values()) {
            Files.delete(segment);
        }
        assertRefused(Reason.DAMAGED, this::open, identity.toString());
    }

    @Test
    @Tag("case-33")
    void aDirectoryThatLostItsIdentityButHasVotedIsNotFormattedAnew() throws IOException {
        try (DataDirectory directory = open()) {
            directory.openHardState().save(new HardState(1, Optional.empty()));
        }
        Files.delete(path().resolve("node.properties"));
        assertRefused(Reason.DAMAGED, this::open, "node.properties");
    }

    @Test
    void everyFlippedBitOfTheIdentityIsRefused() throws IOException {
        open().close();
        Path identity = path().resolve("node.properties");
        byte[] content = Files.readAllBytes(identity);
        for (int bit = 0; bit < content.length * 8; bit++) {
            byte[] flipped = content.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(identity, flipped);
            assertThatThrownBy(this::open).as("bit %d", bit).isInstanceOf(DataDirectoryException.class);
        }
        Files.write(identity, content);
        open().close();
    }

    @Test
    @Tag("case-36")
    void aFormatThatWasInterruptedAnywhereIsRepeated() throws IOException {
        open().close();
        String[] inOrder = {"node.properties", "log/mark", "log", "hard-state", "lock"};
        for (int kept = 0; kept < inOrder.length; kept++) {
            for (int gone = 0; gone <= kept; gone++) {
                Files.deleteIfExists(path().resolve(inOrder[gone]));
            }
            Files.writeString(path().resolve("node.properties.tmp"), "format=1\nclus");
            Files.writeString(path().resolve("hard-state.tmp"), "BHS");
            try (DataDirectory directory = open()) {
                assertThat(directory.openHardState().load()).isEqualTo(HardState.INITIAL);
            }
        }
        try (DataDirectory directory = open()) {
            directory.openLog().close();
        }
    }

    @Test
    void aPathThatCannotBeADirectoryIsRefused() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        assertRefused(
                Reason.NOT_WRITABLE, () -> DataDirectory.open(file.resolve("n1"), "orders", NODE), file.toString());
    }
}
