package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.adapter.DataDirectoryException.Reason;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.LogStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data directories whose logs are in a shared one: nothing is opened but what belongs together. */
class SharedLogDirectoryTest {
    private static final NodeId NODE = NodeId.of("n1");

    @TempDir
    Path temporary;

    private DataDirectory directory(String name) {
        return DataDirectory.open(temporary.resolve(name), "shop", NODE);
    }

    private void fill() {
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host);
                LogStorage log = orders.openLog(logs, "orders")) {
            log.append(entries(1, 5, 1));
            log.sync();
        }
    }

    private static void refuses(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining(why)
                .satisfies(refusal ->
                        assertThat(((DataDirectoryException) refusal).reason()).isEqualTo(Reason.OTHER_LOG));
    }

    @Test
    void theLogIsThereAgainWhicheverKindWritesIt() {
        fill();
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                DataDirectory stock = directory("stock");
                SharedGroupLogs logs = SharedGroupLogs.open(host, LogStorageKind.SEGMENT);
                LogStorage log = orders.openLog(logs, "orders");
                LogStorage other = stock.openLog(logs, "stock")) {
            assertThat(log.read(1, 5, Long.MAX_VALUE)).isEqualTo(entries(1, 5, 1));
            assertThat(other.lastIndex()).isZero();
            assertThat(logs.groups()).containsExactly("orders", "stock");
            assertThat(logs.storeId()).isEqualTo(host.storeId());
        }
    }

    @Test
    void aDirectoryWhoseLogIsSharedHasNoneOfItsOwn() {
        fill();
        try (DataDirectory orders = directory("orders")) {
            refuses(orders::openLog, "has its log in the shared log with store id ");
            refuses(() -> SharedGroupLogs.open(orders), "is that of group 'orders'");
        }
        try (DataDirectory host = directory("host")) {
            refuses(host::openLog, "holds the logs of many groups");
        }
    }

    @Test
    void aDirectoryWithALogOfItsOwnKeepsIt() {
        fill();
        try (DataDirectory own = directory("own")) {
            try (LogStorage log = own.openLog()) {
                log.append(entries(1, 5, 1));
                log.sync();
            }
            try (DataDirectory host = directory("host");
                    SharedGroupLogs logs = SharedGroupLogs.open(host)) {
                refuses(() -> own.openLog(logs, "own"), "has a log of its own");
                assertThat(logs.groups()).doesNotContain("own");
            }
            refuses(() -> SharedGroupLogs.open(own), "has a log of its own");
            try (LogStorage log = own.openLog()) {
                assertThat(log.lastIndex()).isEqualTo(5);
            }
        }
    }

    @Test
    @Tag("case-38")
    void aGroupWhoseDirectoryWasWipedIsRefused() throws IOException {
        fill();
        delete(temporary.resolve("orders"));
        try (DataDirectory host = directory("host");
                DataDirectory wiped = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            refuses(() -> wiped.openLog(logs, "orders"), "belongs to the data directory with store id");
            logs.remove("orders");
            try (LogStorage log = wiped.openLog(logs, "orders")) {
                assertThat(log.lastIndex()).isZero();
            }
        }
    }

    @Test
    @Tag("case-33")
    @Tag("case-38")
    void aSharedLogThatWasWipedOrIsAnotherIsRefused() throws IOException {
        fill();
        try (DataDirectory other = directory("other");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(other)) {
            refuses(() -> orders.openLog(logs, "orders"), "has its log in the shared log with store id");
        }
        delete(temporary.resolve("host"));
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            refuses(() -> orders.openLog(logs, "orders"), "whose store id is " + host.storeId());
            assertThat(logs.groups()).isEmpty();
        }
    }

    @Test
    void aGroupThatWasRemovedOrGoesByAnotherNameIsRefused() {
        fill();
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            refuses(() -> orders.openLog(logs, "stock"), "is that of group 'orders', not of 'stock'");
            logs.remove("orders");
            refuses(() -> orders.openLog(logs, "orders"), "has none of group 'orders'");
        }
    }

    /** The power may fail between the two steps of the first time. */
    @Test
    @Tag("case-36")
    void aFirstTimeThatWasInterruptedIsRepeated() throws IOException {
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            logs.of("orders", orders.storeId()).close();
        }
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host);
                LogStorage log = orders.openLog(logs, "orders")) {
            assertThat(log.lastIndex()).isZero();
        }
        String identity = Files.readString(temporary.resolve("orders/node.properties"));
        assertThat(identity).contains("format=2\n", "log=shared\n", "group=orders\n");
    }

    @Test
    void directoriesThatShareNoLogAreAsTheyWereBefore() throws IOException {
        directory("own").close();
        assertThat(Files.readString(temporary.resolve("own/node.properties")))
                .startsWith("format=1\n")
                .doesNotContain("log");
    }

    @Test
    void aDirectoryOfALaterKindIsRefused() throws IOException {
        fill();
        Path identity = temporary.resolve("orders/node.properties");
        Map<String, String> content = IdentityFile.read(identity);
        content.put("log", "elsewhere");
        IdentityFile.write(identity, content);
        assertThatThrownBy(() -> directory("orders"))
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining("says that its log is 'elsewhere', which is not known here");
    }

    @Test
    void namesThatNoFileTakesAreRefused() {
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            for (String name : new String[] {"", "a\nb", "x".repeat(65), "\ud800"}) {
                assertThatThrownBy(() -> orders.openLog(logs, name)).isInstanceOf(IllegalArgumentException.class);
            }
            orders.openLog(logs, "Bücher = books").close();
        }
        try (DataDirectory host = directory("host");
                DataDirectory orders = directory("orders");
                SharedGroupLogs logs = SharedGroupLogs.open(host)) {
            orders.openLog(logs, "Bücher = books").close();
        }
    }

    @Test
    void aStoppedNodeSaysWhereItsLogIsAndThatWhatItHolds() throws IOException {
        fill();
        try (StoppedNode orders = StoppedNode.open(temporary.resolve("orders"))) {
            assertThat(orders.verifyLog().notes())
                    .singleElement()
                    .asString()
                    .contains("not here but in the shared log with store id ")
                    .contains("group 'orders'");
            assertThat(orders.verifySnapshots().notes())
                    .singleElement()
                    .asString()
                    .contains("not known")
                    .contains("shared log");
        }
        try (StoppedNode host = StoppedNode.open(temporary.resolve("host"))) {
            LogReport report = host.verifyLog();
            assertThat(report.damages()).isEmpty();
            assertThat(report.notes())
                    .singleElement()
                    .asString()
                    .startsWith("group 'orders'")
                    .endsWith("entries 1 to 5");
        }
    }

    @Test
    @Tag("case-30")
    void aSharedLogInWhichAGroupHasAGapIsFoundDamaged() {
        try (DataDirectory host = directory("host");
                LogStorage journal = host.openForGroups(LogStorageKind.SEGMENT, SegmentedLogStorage.Options.DEFAULT)) {
            byte[] record = GroupRecord.encode(new GroupRecord.Append(1, entries(3, 2, 1)));
            journal.append(List.of(new LogEntry(1, 1, EntryType.COMMAND, 0, record)));
            journal.sync();
        }
        try (StoppedNode host = StoppedNode.open(temporary.resolve("host"))) {
            assertThat(host.verifyLog().damages()).singleElement().satisfies(damage -> assertThat(damage.what())
                    .contains("never says which that is"));
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
