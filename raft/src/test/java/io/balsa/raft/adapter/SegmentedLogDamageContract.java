package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
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

    /**
     * Three segments of acknowledged records, of which the mark does not cover the last ones, and some records that are
     * written but not acknowledged.
     */
    @BeforeEach
    void writeLog() throws IOException {
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SMALL, Syncer.DISK);
        List<LogEntry> written = new ArrayList<>();
        while (SegmentFiles.list(directory()).size() < 3) {
            append(written);
            log.sync();
        }
        for (int i = 0; i < 4; i++) {
            append(written);
            log.sync();
        }
        assertThat(log.hasIdleWork()).isTrue();
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
     * @param marked whether the mark covers it
     * @param acknowledged whether it was synced
     */
    private record Extent(Path file, long from, long to, boolean marked, boolean acknowledged) {}

    private List<Extent> extents(Path directory) throws IOException {
        DurableMark.Mark mark = mark(directory);
        List<Extent> extents = new ArrayList<>();
        for (var segment : SegmentFiles.list(directory).entrySet()) {
            try (FileChannel channel = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
                SegmentScanner scanner = new SegmentScanner(channel, mark.salt());
                for (var record = scanner.next(); record != null; record = scanner.next()) {
                    extents.add(new Extent(
                            segment.getValue(),
                            record.position(),
                            scanner.position(),
                            mark.covers(segment.getKey(), record.position()),
                            record.header().firstIndex() <= acknowledged.size()));
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
        assertThat(all)
                .anyMatch(Extent::marked)
                .anyMatch(extent -> extent.acknowledged() && !extent.marked())
                .anyMatch(extent -> !extent.acknowledged());
        for (int flip = 0; flip < FLIPS; flip++) {
            // The last records of both kinds are where the difference is made, so they get most of the flips.
            Extent extent = all.get(flip % 2 == 0 ? all.size() - 1 - random.nextInt(8) : random.nextInt(all.size()));
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

    /** Chronicle's own excerpts are passed over, and a flipped bit must not make a record one of them. */
    @Test
    void aRecordThatIsTakenForMetadataIsDamagedWhereItIs() throws IOException {
        int turn = 0;
        for (Extent extent : extents(directory())) {
            if (extent.acknowledged()) {
                Path damaged = copy("metadata-" + turn++);
                Path file = damaged.resolve(extent.file().getFileName());
                LogImages.flipBit(file, extent.from() * 8 + 30);
                assertThatThrownBy(() -> LogImages.recover(damaged, Syncer.DISK))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("damaged log: " + file + " at position " + extent.from());
            }
        }
        assertThat(turn).isPositive();
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

    /** As if the process had been killed before the mark was moved to where it is. */
    private void putBackMark(byte[] mark) throws IOException {
        Files.write(directory().resolve(SegmentFiles.MARK), mark);
    }

    private void beginAnew() throws IOException {
        log.close();
        try (var files = Files.newDirectoryStream(directory())) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SMALL, Syncer.DISK);
        acknowledged = List.of();
    }

    private void appendAndSync(int batches) {
        for (int batch = 0; batch < batches; batch++) {
            log.append(entries(log.lastIndex() + 1, 20, 1));
            log.sync();
        }
        acknowledged = log.read(1, log.lastIndex(), Long.MAX_VALUE);
    }

    private void assertRefused(Path image, Extent extent) {
        assertThatThrownBy(() -> LogImages.recover(image, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(
                        "damaged log: " + image.resolve(extent.file().getFileName()))
                .hasMessageContaining(" was durable before record ");
        LogReport report = new LogVerifier(image).verify();
        assertThat(report.damages()).first().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(image.resolve(extent.file().getFileName()));
            assertThat(damage.what()).contains(" was durable before record ");
        });
    }

    @Test
    @Tag("case-29")
    @Tag("case-30")
    void aRecordThatIsFollowedByProofThatItWasDurableMayBeWipedOutAndIsMissed() throws IOException {
        beginAnew();
        appendAndSync(6);
        List<Extent> all = extents(directory());
        assertThat(all).filteredOn(extent -> !extent.marked()).hasSize(5);
        for (int record = 1; record < 5; record++) {
            Extent extent = all.get(record);
            Path wiped = copy("wiped-" + record);
            LogImages.overwrite(
                    wiped.resolve(extent.file().getFileName()),
                    extent.from(),
                    new byte[(int) (extent.to() - extent.from())]);
            assertRefused(wiped, extent);
            // Also when those behind it are torn themselves, as long as a header is left.
            Path torn = copy("torn-" + record);
            Path file = torn.resolve(extent.file().getFileName());
            LogImages.flipBit(file, extent.from() * 8 + 100);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(all.get(record + 1).from() + SegmentScanner.EXCERPT_HEADER_BYTES + 40);
            }
            assertRefused(torn, extent);
        }
    }

    @Test
    @Tag("case-29")
    void whatTheLastSyncCoveredIsCutWhenDamagedUntilTheMarkFollowsAndRefusedAfterwards() throws IOException {
        beginAnew();
        appendAndSync(6);
        List<Extent> all = extents(directory());
        Extent last = all.get(all.size() - 1);
        Path before = copy("before");
        assertThat(new LogVerifier(before).verify().durable())
                .startsWith("record 1, position ")
                .endsWith("; by what later records say, up to record 5");
        log.idle();
        Path after = copy("after");
        assertThat(new LogVerifier(after).verify().durable())
                .startsWith("record 6, position ")
                .doesNotContain("later records");
        for (Path image : List.of(before, after)) {
            LogImages.flipBit(image.resolve(last.file().getFileName()), last.to() * 8 - 100);
        }
        assertThat(LogImages.recover(before, Syncer.DISK)).isEqualTo(entries(1, 100, 1));
        assertThatThrownBy(() -> LogImages.recover(after, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(
                        "damaged log: " + after.resolve(last.file().getFileName()) + " at position " + last.from());
    }

    @Test
    @Tag("case-29")
    void aDiskThatDropsASyncedTailIsNoticedOnceTheMarkHasFollowed() throws IOException {
        beginAnew();
        appendAndSync(6);
        Extent dropped = extents(directory()).get(4);
        log.idle();
        Path lied = copy("lied");
        Path file = lied.resolve(dropped.file().getFileName());
        LogImages.overwrite(file, dropped.from(), new byte[(int) (Files.size(file) - dropped.from())]);
        assertThatThrownBy(() -> LogImages.recover(lied, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("damaged log: " + file)
                .hasMessageContaining("were acknowledged up to position");
    }

    @Test
    @Tag("case-29")
    @Tag("case-30")
    void aRecordInTheNextSegmentIsAProofToo() throws IOException {
        beginAnew();
        appendAndSync(2);
        byte[] mark = Files.readAllBytes(directory().resolve(SegmentFiles.MARK));
        while (SegmentFiles.list(directory()).size() < 2) {
            appendAndSync(1);
        }
        putBackMark(mark);
        List<Extent> all = extents(directory());
        Path first = all.get(0).file();
        int last =
                (int) all.stream().filter(extent -> extent.file().equals(first)).count() - 1;
        Path damaged = copy("damaged");
        LogImages.flipBit(damaged.resolve(first.getFileName()), all.get(last).to() * 8 - 100);
        assertRefused(damaged, all.get(last));
        Path ended = copy("ended");
        Extent gone = all.get(last - 1);
        LogImages.overwrite(
                ended.resolve(first.getFileName()), gone.from(), new byte[(int) (Files.size(first) - gone.from())]);
        assertThatThrownBy(() -> LogImages.recover(ended, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(" was durable before record ");
    }

    /** A client may have put anything into an entry, also bytes that look like records. */
    @Test
    @Tag("case-29")
    void whatLooksLikeARecordInATornEntryProvesNothing() throws IOException {
        beginAnew();
        appendAndSync(3);
        ByteBuffer payload = ByteBuffer.allocate(20 * 72);
        for (long number = 1; number <= 20; number++) {
            List<LogEntry> empty = List.of(new LogEntry(1, 1, EntryType.NO_OP, 0, new byte[0]));
            payload.put(new LogRecordEncoder(random.nextInt()).encode(empty, number, 1, LogRecord.lengthOf(empty), 0));
        }
        for (int shift = 0; shift < 4; shift++) {
            payload.limit(payload.position()).position(shift);
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            log.append(List.of(new LogEntry(log.lastIndex() + 1, 1, EntryType.COMMAND, 0, bytes)));
        }
        Extent torn = extents(directory()).get(3);
        Path image = copy("image");
        LogImages.flipBit(image.resolve(torn.file().getFileName()), torn.from() * 8 + 100);
        assertThat(LogImages.recover(image, Syncer.DISK)).isEqualTo(acknowledged);
    }

    @Test
    void aLogOfRecordsThatProveNothingIsReadAndGoesOnInTheNewVersion() throws IOException {
        log.close();
        LogImages.toFirstVersion(directory());
        Path damaged = copy("damaged");
        List<Extent> all = extents(directory());
        log = kind.open(directory(), SMALL, Syncer.DISK);
        List<LogEntry> written = new ArrayList<>(allowed.get(allowed.size() - 1));
        assertThat(log.read(1, log.lastIndex(), Long.MAX_VALUE)).isEqualTo(written);
        appendAndSync(5);
        log.close();
        log = kind.open(directory(), SMALL, Syncer.DISK);
        assertThat(mark(directory()).salt()).isNotZero();
        written.addAll(entries(written.size() + 1L, 100, 1));
        assertThat(log.read(1, log.lastIndex(), Long.MAX_VALUE)).isEqualTo(written);

        Extent marked = all.stream().filter(Extent::marked).toList().get(3);
        LogImages.flipBit(damaged.resolve(marked.file().getFileName()), marked.from() * 8 + 400);
        assertThatThrownBy(() -> LogImages.recover(damaged, Syncer.DISK))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("damaged log: ");
    }
}
