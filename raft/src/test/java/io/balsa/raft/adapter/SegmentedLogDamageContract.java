package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage to the files of a log: what was acknowledged is refused when damaged, and wrong bytes are never served. */
abstract class SegmentedLogDamageContract {
    static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);
    private static final int FLIPS = 300;

    final LogStorageKind kind;

    @TempDir
    Path temporary;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    /** What the log may be when everything that was not acknowledged is cut anywhere. */
    private final List<List<LogEntry>> allowed = new ArrayList<>();

    private List<LogEntry> acknowledged;
    private SegmentedLogStorage log;

    SegmentedLogDamageContract(LogStorageKind kind) {
        this.kind = kind;
    }

    private Path directory() {
        return temporary.resolve("log");
    }

    /** Three segments of acknowledged records, and some records that are written but not acknowledged. */
    @BeforeEach
    void writeLog() throws IOException {
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SMALL, Syncer.DISK);
        List<LogEntry> written = new ArrayList<>();
        while (SegmentFiles.list(directory()).size() < 3) {
            append(written);
            log.sync();
        }
        acknowledged = List.copyOf(written);
        allowed.clear();
        allowed.add(acknowledged);
        for (int i = 0; i < 3; i++) {
            append(written);
        }
    }

    private void append(List<LogEntry> written) {
        List<LogEntry> batch = entries(written.size() + 1L, 20, 1);
        log.append(batch);
        written.addAll(batch);
        allowed.add(List.copyOf(written));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private Path copy(String name) throws IOException {
        Path copy = temporary.resolve(name);
        LogImages.copy(directory(), copy);
        return copy;
    }

    private static DurableMark.Mark mark(Path directory) throws IOException {
        try (DurableMark mark = DurableMark.open(directory.resolve(SegmentFiles.MARK), Syncer.DISK)) {
            return mark.mark();
        }
    }

    /**
     * Where the excerpts of a segment's records are, each from its header to its end.
     *
     * @param acknowledged whether the mark covers it
     */
    private record Extent(Path file, long from, long to, boolean acknowledged) {}

    private static List<Extent> extents(Path directory) throws IOException {
        DurableMark.Mark mark = mark(directory);
        List<Extent> extents = new ArrayList<>();
        for (var segment : SegmentFiles.list(directory).entrySet()) {
            try (FileChannel channel = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
                SegmentScanner scanner = new SegmentScanner(channel);
                for (var record = scanner.next(); record != null; record = scanner.next()) {
                    extents.add(new Extent(
                            segment.getValue(),
                            record.position(),
                            scanner.position(),
                            mark.covers(segment.getKey(), record.position())));
                }
            } catch (DamagedRecordException e) {
                throw new AssertionError(e);
            }
        }
        return extents;
    }

    @Test
    @Tag("case-29")
    @Tag("case-30")
    void aFlippedBitInAnyRecordIsRefusedIfItWasAcknowledgedAndCutIfNot() throws IOException {
        List<Extent> all = extents(directory());
        assertThat(all).anyMatch(Extent::acknowledged).anyMatch(extent -> !extent.acknowledged());
        for (int flip = 0; flip < FLIPS; flip++) {
            // The last records of both kinds are where the difference is made, so they get most of the flips.
            Extent extent = all.get(flip % 2 == 0 ? all.size() - 1 - random.nextInt(5) : random.nextInt(all.size()));
            long bit = extent.from() * 8 + random.nextLong((extent.to() - extent.from()) * 8);
            String context = "seed " + seed + ", bit " + bit + " of " + extent;
            Path damaged = copy("flip-" + flip);
            Path file = damaged.resolve(extent.file().getFileName());
            LogImages.flipBit(file, bit);
            if (extent.acknowledged()) {
                assertThatThrownBy(() -> LogImages.recover(damaged, Syncer.DISK))
                        .as(context)
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("damaged log: " + file + " at position " + extent.from());
                assertThat(file).as(context).exists();
            } else {
                assertThat(allowed).as(context).contains(LogImages.recover(damaged, Syncer.DISK));
            }
        }
    }

    @Test
    @Tag("case-30")
    void aFlippedBitAnywhereElseNeverChangesWhatIsServed() throws IOException {
        for (int flip = 0; flip < FLIPS; flip++) {
            Path damaged = copy("flip-" + flip);
            List<Path> files = List.copyOf(SegmentFiles.list(damaged).values());
            Path file = files.get(random.nextInt(files.size()));
            // The first bytes hold Chronicle's own header and index, of which a flipped bit may or may not matter.
            long bit = random.nextLong(flip % 2 == 0 ? 3000 * 8 : (16 << 10) * 8);
            LogImages.flipBit(file, bit);
            String context = "seed " + seed + ", bit " + bit + " of " + file;
            try {
                assertThat(allowed).as(context).contains(LogImages.recover(damaged, Syncer.DISK));
            } catch (StorageException e) {
                assertThat(e).as(context).hasMessageContaining(damaged.toString());
            }
        }
    }

    @Test
    @Tag("case-29")
    void aFlippedBitInTheMarkDoesNotMoveIt() throws IOException {
        Path mark = directory().resolve(SegmentFiles.MARK);
        DurableMark.Mark expected = mark(directory());
        for (long bit = 0; bit < Files.size(mark) * 8; bit += 1 + random.nextInt(20)) {
            LogImages.flipBit(mark, bit);
            assertThat(mark(directory())).as("seed %d, bit %d", seed, bit).isEqualTo(expected);
            LogImages.flipBit(mark, bit);
        }
    }

    @Test
    @Tag("case-29")
    void aTailThatWasNeverAcknowledgedMayBeTornAnywhere() throws IOException {
        List<Extent> unacknowledged = extents(directory()).stream()
                .filter(extent -> !extent.acknowledged())
                .toList();
        Extent last = unacknowledged.get(unacknowledged.size() - 1);
        for (long length = unacknowledged.get(0).from(); length < last.to(); length += 1 + random.nextInt(40)) {
            Path torn = copy("torn-" + length);
            Path file = torn.resolve(last.file().getFileName());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(length);
            }
            if (random.nextBoolean()) {
                byte[] garbage = new byte[random.nextInt(200)];
                random.nextBytes(garbage);
                Files.write(file, garbage, StandardOpenOption.APPEND);
            }
            assertThat(allowed).as("seed %d, length %d", seed, length).contains(LogImages.recover(torn, Syncer.DISK));
        }
    }

    @Test
    @Tag("case-33")
    void aMissingOrEmptySegmentIsAnErrorNotAShorterLog() throws IOException {
        int segments = SegmentFiles.list(directory()).size();
        for (int segment = 0; segment < segments; segment++) {
            Path missing = copy("missing-" + segment);
            Files.delete(List.copyOf(SegmentFiles.list(missing).values()).get(segment));
            assertThatThrownBy(() -> LogImages.recover(missing, Syncer.DISK))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(missing.toString());
            Path empty = copy("empty-" + segment);
            Files.write(List.copyOf(SegmentFiles.list(empty).values()).get(segment), new byte[0]);
            assertThatThrownBy(() -> LogImages.recover(empty, Syncer.DISK))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(empty.toString());
        }
    }

    @Test
    @Tag("case-33")
    void aLogWithoutAnySegmentIsAnErrorIfItHadRecords() throws IOException {
        Path gone = copy("gone");
        for (Path segment : SegmentFiles.list(gone).values()) {
            Files.delete(segment);
        }
        assertThatThrownBy(() -> kind.open(gone, SegmentedLogStorage.Options.DEFAULT, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(gone + " has no segment")
                .hasMessageContaining("were acknowledged");
        assertThatThrownBy(() -> SegmentedLogStorage.create(gone)).isInstanceOf(StorageException.class);
        assertThatThrownBy(
                        () -> kind.open(temporary.resolve("nowhere"), SegmentedLogStorage.Options.DEFAULT, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    @Tag("case-30")
    void aBitThatFlipsWhileTheLogIsOpenIsNoticedByTheNextRead() throws IOException {
        List<LogEntry> all = allowed.get(allowed.size() - 1);
        for (Extent extent : extents(directory())) {
            long bit = extent.from() * 8 + random.nextLong((extent.to() - extent.from()) * 8);
            LogImages.flipBit(extent.file(), bit);
            assertThatThrownBy(() -> log.read(1, log.lastIndex(), Long.MAX_VALUE))
                    .as("seed %d, bit %d of %s", seed, bit, extent)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(extent.file() + " at position " + extent.from());
            LogImages.flipBit(extent.file(), bit);
        }
        assertThat(log.read(1, log.lastIndex(), Long.MAX_VALUE)).isEqualTo(all);
    }

    @Test
    @Tag("case-30")
    void aSegmentThatIsReplacedByAnotherIsRefused() throws IOException {
        Path swapped = copy("swapped");
        NavigableMap<Integer, Path> segments = SegmentFiles.list(swapped);
        Path first = segments.firstEntry().getValue();
        Path second = segments.higherEntry(segments.firstKey()).getValue();
        byte[] content = Files.readAllBytes(first);
        Files.write(first, Files.readAllBytes(second));
        Files.write(second, content);
        assertThatThrownBy(() -> LogImages.recover(swapped, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(first.toString());
    }
}
