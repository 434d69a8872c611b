package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.LogStorage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with the data of a node that does not run. */
@Tag("chronicle")
class StoppedNodeTest {
    private static final NodeId NODE = NodeId.of("n1");
    private static final Configuration CONFIGURATION = Configuration.of(List.of(NODE));

    @TempDir
    Path temporary;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private Path path() {
        return temporary.resolve("n1");
    }

    private Path log() {
        return path().resolve("log");
    }

    @BeforeEach
    void fill() {
        try (DataDirectory directory = DataDirectory.open(path(), "orders", NODE);
                LogStorage log = directory.openLog();
                FileSnapshotStorage snapshots = directory.openSnapshots()) {
            log.append(List.of(new LogEntry(1, 1, EntryType.CONFIGURATION, 1, CONFIGURATION.encode())));
            log.append(entries(2, 99, 1));
            log.sync();
            log.append(entries(90, 20, 3));
            log.sync();
            SnapshotStorageContract.write(snapshots, 40, 100_000);
            SnapshotStorageContract.write(snapshots, 80, 200_000);
        }
    }

    private LogReport verifyLog() {
        try (StoppedNode node = StoppedNode.open(path())) {
            return node.verifyLog();
        }
    }

    private SnapshotReport verifySnapshots() {
        try (StoppedNode node = StoppedNode.open(path())) {
            return node.verifySnapshots();
        }
    }

    @Test
    void theLogOfANodeThatNeverWroteIsWhole() {
        Path fresh = temporary.resolve("fresh");
        DataDirectory.open(fresh, "orders", NODE).close();
        try (StoppedNode node = StoppedNode.open(fresh)) {
            LogReport report = node.verifyLog();
            assertThat(report.damages()).isEmpty();
            assertThat(report.lastIndex()).isZero();
        }
    }

    private Map<Path, List<Object>> everything() throws IOException {
        Map<Path, List<Object>> everything = new TreeMap<>();
        Files.walkFileTree(temporary, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                everything.put(file, List.of(attributes.lastModifiedTime(), Arrays.hashCode(Files.readAllBytes(file))));
                return FileVisitResult.CONTINUE;
            }
        });
        return everything;
    }

    @Test
    void aWholeNodeIsDescribedAndNotChanged() throws IOException {
        Map<Path, List<Object>> before = everything();
        LogReport log = verifyLog();
        SnapshotReport snapshots = verifySnapshots();
        assertThat(everything()).isEqualTo(before);
        assertThat(log.damages()).isEmpty();
        assertThat(log.notes()).isEmpty();
        assertThat(log.firstIndex()).isEqualTo(1);
        assertThat(log.lastIndex()).isEqualTo(109);
        assertThat(log.firstTerm()).isEqualTo(1);
        assertThat(log.lastTerm()).isEqualTo(3);
        assertThat(log.entries()).isEqualTo(120);
        assertThat(log.configurations()).isEqualTo(Map.of(1L, CONFIGURATION));
        assertThat(snapshots.damages()).isEmpty();
        assertThat(snapshots.whole())
                .extracting(whole -> whole.description().metadata())
                .containsExactly(SnapshotStorageContract.metadata(40), SnapshotStorageContract.metadata(80));
    }

    @Test
    @Tag("case-30")
    void damageToAnAcknowledgedRecordIsNamed() throws IOException {
        Path segment = SegmentFiles.list(log()).firstEntry().getValue();
        LogImages.flipBit(segment, (SegmentScannerPositions.last(segment) + 60) * 8);
        LogReport report = verifyLog();
        assertThat(report.damages()).singleElement().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(segment);
            assertThat(damage.position()).isEqualTo(SegmentScannerPositions.last(segment));
        });
    }

    /** Where the records of a segment of one record or more lie, damaged or not. */
    private static final class SegmentScannerPositions {
        private SegmentScannerPositions() {}

        static long last(Path segment) throws IOException {
            try (FileChannel channel = FileChannel.open(segment)) {
                SegmentScanner scanner = new SegmentScanner(channel, LogImages.salt(segment.getParent()));
                long last = 0;
                try {
                    for (var record = scanner.next(); record != null; record = scanner.next()) {
                        last = record.position();
                    }
                } catch (DamagedRecordException e) {
                    return scanner.examined();
                }
                return last;
            }
        }
    }

    @Test
    @Tag("case-33")
    void whatIsMissingIsNamed() throws IOException {
        Path segment = SegmentFiles.list(log()).firstEntry().getValue();
        Files.delete(segment);
        assertThat(verifyLog().damages()).singleElement().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(SegmentFiles.sealed(log(), 1));
            assertThat(damage.what()).startsWith("the file is missing: ").contains("were acknowledged");
        });
        Files.delete(log().resolve(SegmentFiles.MARK));
        assertThat(verifyLog().damages()).singleElement().satisfies(damage -> assertThat(damage.file())
                .isEqualTo(log().resolve(SegmentFiles.MARK)));
    }

    @Test
    @Tag("case-29")
    void aTornTailIsANoteAndNoDamage() throws IOException {
        try (DataDirectory directory = DataDirectory.open(path(), "orders", NODE);
                LogStorage log = directory.openLog()) {
            log.append(entries(110, 3, 3));
        }
        Path segment = SegmentFiles.list(log()).lastEntry().getValue();
        LogImages.flipBit(segment, (SegmentScannerPositions.last(segment) + 60) * 8);
        LogReport report = verifyLog();
        assertThat(report.damages()).isEmpty();
        assertThat(report.notes()).singleElement().asString().contains(segment.toString());
        assertThat(report.lastIndex()).isEqualTo(109);
    }

    @Test
    @Tag("case-32")
    void anyDamageToASnapshotIsNamed() throws IOException {
        Path snapshots = path().resolve("snapshots");
        Path file = SnapshotFiles.list(snapshots, "*.snapshot").get(1);
        for (int flip = 0; flip < 50; flip++) {
            long bit = random.nextLong(Files.size(file) * 8);
            LogImages.flipBit(file, bit);
            SnapshotReport report = verifySnapshots();
            assertThat(report.whole()).as("seed %d, bit %d", seed, bit).hasSize(1);
            assertThat(report.damages())
                    .as("seed %d, bit %d", seed, bit)
                    .singleElement()
                    .satisfies(damage -> assertThat(damage.file()).isEqualTo(file));
            LogImages.flipBit(file, bit);
        }
        assertThat(verifySnapshots().damages()).isEmpty();
    }

    @Test
    @Tag("case-33")
    void aLogThatBeginsBehindEverySnapshotIsDamage() throws IOException {
        SnapshotDescription latest;
        try (DataDirectory directory = DataDirectory.open(path(), "orders", NODE);
                LogStorage log = directory.openLog();
                FileSnapshotStorage snapshots = directory.openSnapshots()) {
            latest = snapshots.latest().orElseThrow();
            log.reset(latest.metadata().index() + 1);
        }
        assertThat(verifySnapshots().damages()).isEmpty();
        Files.delete(SnapshotFiles.published(path().resolve("snapshots"), latest.metadata()));
        assertThat(verifySnapshots().damages()).singleElement().satisfies(damage -> assertThat(damage.what())
                .contains("begins with entry 81"));
    }

    @Test
    void aRunningNodeIsLeftAlone() {
        try (DataDirectory directory = DataDirectory.open(path(), "orders", NODE)) {
            assertThatThrownBy(() -> StoppedNode.open(directory.path()))
                    .isInstanceOf(DataDirectoryException.class)
                    .hasMessageContaining("in use")
                    .hasMessageContaining("stop the node first");
        }
        try (StoppedNode node = StoppedNode.open(path())) {
            assertThat(node.identity()).contains(new DataDirectory.Identity("orders", "n1"));
            assertThatThrownBy(() -> DataDirectory.open(path(), "orders", NODE))
                    .isInstanceOf(DataDirectoryException.class);
        }
    }

    @Test
    void anyOtherDirectoryIsNone() {
        assertThatThrownBy(() -> StoppedNode.open(temporary))
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining("is not the data directory of a node");
        assertThatThrownBy(() -> StoppedNode.open(temporary.resolve("nowhere")))
                .isInstanceOf(DataDirectoryException.class);
    }

    @Test
    void whatIsDiscardedIsMovedAsideWithEverythingInIt() throws IOException {
        int files = everything().size();
        Path first;
        try (StoppedNode node = StoppedNode.open(path())) {
            first = node.discard();
        }
        assertThat(first.getFileName()).hasToString("n1.discarded-1");
        assertThat(path()).doesNotExist();
        assertThat(everything()).hasSize(files);
        DataDirectory.open(path(), "orders", NodeId.of("n4")).close();
        try (StoppedNode node = StoppedNode.open(path())) {
            assertThat(node.discard().getFileName()).hasToString("n1.discarded-2");
        }
        assertThat(first).exists();
    }
}
