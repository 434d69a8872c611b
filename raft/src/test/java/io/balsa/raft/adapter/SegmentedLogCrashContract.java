package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log after power cuts and kills: what was synced is there, and what was not is there whole or not at all. */
abstract class SegmentedLogCrashContract {
    static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);
    private static final double[] WRITTEN = {0, 1, 0.5, 0.9};

    final LogStorageKind kind;

    @TempDir
    Path temporary;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final LogImages images = new LogImages();
    private final List<LogEntry> model = new ArrayList<>();

    /** What the log may be after a power cut now: as it was at the last sync, or after any append since. */
    private final List<List<LogEntry>> allowed = new ArrayList<>();

    private SegmentedLogStorage log;
    private int cuts;

    SegmentedLogCrashContract(LogStorageKind kind) {
        this.kind = kind;
    }

    private Path directory() {
        return temporary.resolve("log");
    }

    private void openLog() {
        SegmentedLogStorage.create(directory(), images);
        log = kind.open(directory(), SMALL, images);
        allowed.add(List.of());
    }

    @AfterEach
    void closeLog() {
        if (log != null) {
            log.close();
        }
    }

    private void appendAtRandom() {
        boolean supersede = random.nextInt(8) == 0;
        int keep = supersede ? random.nextInt(model.size() + 1) : model.size();
        List<LogEntry> batch = entries(keep + 1L, 1 + random.nextInt(40), allowed.size() + 100L * cuts + 1);
        model.subList(keep, model.size()).clear();
        model.addAll(batch);
        allowed.add(List.copyOf(model));
        log.append(batch);
    }

    private void sync() {
        log.sync();
        allowed.clear();
        allowed.add(List.copyOf(model));
    }

    private void cutPowerAndCheck() {
        try {
            Path image = temporary.resolve("image-" + cuts++);
            images.powerCut(directory(), image, random, WRITTEN[random.nextInt(WRITTEN.length)]);
            List<LogEntry> recovered = LogImages.recover(image, Syncer.DISK);
            assertThat(allowed).as("seed %d, power cut %d", seed, cuts).contains(recovered);
            assertThat(LogImages.recover(image, Syncer.DISK)).isEqualTo(recovered);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("case-27")
    @Tag("case-29")
    void aPowerCutAtAnyMomentLosesNothingThatWasSynced() {
        openLog();
        images.beforeForce(() -> {
            if (random.nextInt(3) == 0) {
                cutPowerAndCheck();
            }
        });
        for (int step = 0; step < 300; step++) {
            if (random.nextInt(3) == 0) {
                sync();
            } else if (random.nextInt(8) == 0) {
                log.idle();
            } else {
                appendAtRandom();
            }
            if (random.nextInt(4) == 0) {
                cutPowerAndCheck();
            }
        }
        assertThat(cuts).isPositive();
    }

    /** What a cut leaves behind must not be mistaken for anything by those that follow. */
    @Test
    @Tag("case-27")
    @Tag("case-29")
    void aLogOutlivesOnePowerCutAfterTheOther() throws IOException {
        Path image = directory();
        SegmentedLogStorage.create(image);
        allowed.add(List.of());
        for (int life = 0; life < 60; life++) {
            String context = "seed " + seed + ", life " + life;
            LogImages disk = new LogImages();
            log = kind.open(image, SMALL, disk);
            disk.takeAllForDurable(image);
            model.clear();
            if (log.lastIndex() >= log.firstIndex()) {
                model.addAll(log.read(log.firstIndex(), log.lastIndex(), Long.MAX_VALUE));
            }
            long first = log.firstIndex();
            assertThat(allowed)
                    .as(context)
                    .anyMatch(is -> is.equals(model) || (is.size() > model.size() && endsWith(is, model, first)));
            allowed.clear();
            allowed.add(List.copyOf(model));
            cuts++;
            for (int step = random.nextInt(30); step > 0; step--) {
                doAnything();
            }
            Path next = temporary.resolve("life-" + life);
            disk.powerCut(image, next, random, WRITTEN[random.nextInt(WRITTEN.length)]);
            log.close();
            image = next;
        }
    }

    /** Whether a list without the entries below an index is another. */
    private static boolean endsWith(List<LogEntry> all, List<LogEntry> last, long first) {
        return all.stream().filter(entry -> entry.index() >= first).toList().equals(last);
    }

    private void doAnything() {
        switch (random.nextInt(10)) {
            case 0 -> log.idle();
            case 1, 2, 3 -> sync();
            case 4 -> {
                if (!model.isEmpty()) {
                    sync();
                    log.truncatePrefix(log.firstIndex() + random.nextInt(model.size()));
                    model.removeIf(entry -> entry.index() < log.firstIndex());
                    allowed.add(List.copyOf(model));
                }
            }
            default -> {
                long from = model.isEmpty() || random.nextInt(8) > 0
                        ? log.lastIndex() + 1
                        : log.firstIndex() + random.nextInt(model.size());
                List<LogEntry> batch = entries(from, 1 + random.nextInt(60), allowed.size() + 100L * cuts + 1);
                model.removeIf(entry -> entry.index() >= from);
                model.addAll(batch);
                allowed.add(List.copyOf(model));
                log.append(batch);
            }
        }
    }

    @Test
    void aSyncOfTheLogIsOneSyncOfItsSegmentAndTheMarkFollows() {
        List<String> synced = new ArrayList<>();
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SegmentedLogStorage.Options.DEFAULT, (channel, file) -> {
            synced.add(file.getFileName().toString());
            channel.force(false);
        });
        synced.clear();
        log.append(entries(1, 5, 1));
        log.sync();
        assertThat(synced).as("the first sync of a segment").hasSize(2).last().isEqualTo(SegmentFiles.MARK);
        assertThat(log.hasIdleWork()).isFalse();

        synced.clear();
        for (int batch = 1; batch <= 20; batch++) {
            log.append(entries(log.lastIndex() + 1, 5, 1));
            log.sync();
            log.sync();
        }
        assertThat(synced).hasSize(20).doesNotContain(SegmentFiles.MARK);
        assertThat(log.hasIdleWork()).isTrue();

        synced.clear();
        log.append(entries(log.lastIndex() + 1, 5, 1));
        log.idle();
        log.idle();
        assertThat(synced).containsExactly(SegmentFiles.MARK);
        assertThat(log.hasIdleWork()).isFalse();
        assertThat(mark().number()).as("what was only appended is not covered").isEqualTo(21);

        log.sync();
        log.close();
        assertThat(mark().number()).isEqualTo(22);
    }

    @Test
    void theMarkFollowsAtTheLatestAfterSoManyRecordsOrBytes() {
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SegmentedLogStorage.Options.DEFAULT, (channel, file) -> {});
        for (int record = 1; record <= 2 * SyncedTail.MAX_UNMARKED_RECORDS; record++) {
            log.append(entries(record, 1, 1));
            log.sync();
            assertThat(mark().number()).isBetween(record - SyncedTail.MAX_UNMARKED_RECORDS + 1L, (long) record);
        }
        log.append(List.of(Entries.large(log.lastIndex() + 1, 1, SyncedTail.MAX_UNMARKED_BYTES)));
        log.sync();
        assertThat(log.hasIdleWork()).isFalse();
    }

    /** The power fails before each of the syncs that a change of segment takes. */
    @Test
    @Tag("case-27")
    @Tag("case-36")
    void aPowerCutAtAnyMomentOfAChangeOfSegmentLosesNothing() throws IOException {
        openLog();
        images.beforeForce(this::cutPowerAndCheck);
        while (SegmentFiles.list(directory()).size() < 4) {
            appendAtRandom();
            sync();
            cutPowerAndCheck();
        }
        log.idle();
        cutPowerAndCheck();
    }

    private DurableMark.Mark mark() {
        return DurableMark.peek(directory().resolve(SegmentFiles.MARK));
    }

    @Test
    void aRecordThatIsFarAheadOfTheLastSyncSaysNothingAboutIt() throws Exception {
        SegmentedLogStorage.create(directory());
        log = kind.open(directory(), SegmentedLogStorage.Options.DEFAULT, Syncer.DISK);
        log.append(entries(1, 1, 1));
        log.sync();
        for (int record = 2; record <= LogRecord.MAX_LAG + 100; record++) {
            log.append(entries(record, 1, 1));
        }
        int said = 0;
        Path segment = SegmentFiles.list(directory()).lastEntry().getValue();
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
            SegmentScanner scanner = new SegmentScanner(channel, mark().salt());
            for (var record = scanner.next(); record != null; record = scanner.next()) {
                assertThat(record.header().durable()).isBetween(0L, 1L);
                said += (int) record.header().durable();
            }
        }
        assertThat(said).isEqualTo(LogRecord.MAX_LAG);
        log.sync();
        log.close();
        log = kind.open(directory(), SMALL, Syncer.DISK);
        assertThat(log.lastIndex()).isEqualTo(LogRecord.MAX_LAG + 100);
    }

    @Test
    @Tag("case-27")
    void aLogGoesOnAfterAPowerCut() throws IOException {
        openLog();
        for (int step = 0; step < 20; step++) {
            appendAtRandom();
        }
        sync();
        appendAtRandom();
        Path image = temporary.resolve("image");
        images.powerCut(directory(), image, random, 0);
        try (SegmentedLogStorage after = kind.open(image, SMALL, Syncer.DISK)) {
            assertThat(after.read(1, after.lastIndex(), Long.MAX_VALUE))
                    .as("seed %d", seed)
                    .isEqualTo(allowed.get(0));
            after.append(entries(after.lastIndex() + 1, 3, 10_000));
            after.sync();
        }
        try (SegmentedLogStorage again = kind.open(image, SMALL, Syncer.DISK)) {
            assertThat(again.lastIndex()).isEqualTo(allowed.get(0).size() + 3);
            assertThat(again.termAt(again.lastIndex())).isEqualTo(10_000);
        }
    }

    @Test
    @Tag("case-40")
    void aRecoveryThatIsKilledAtEverySyncCanBeRepeated() throws IOException {
        openLog();
        byte[] mark = {};
        for (int step = 0; step < 40; step++) {
            appendAtRandom();
            if (step == 20) {
                sync();
                mark = Files.readAllBytes(directory().resolve(SegmentFiles.MARK));
            }
        }
        Path image = temporary.resolve("image");
        LogImages.copy(directory(), image);
        // As far behind as it can be, so that there is much to recover.
        Files.write(image.resolve(SegmentFiles.MARK), mark);
        tearLastRecord(image);
        Path expectedImage = temporary.resolve("expected");
        LogImages.copy(image, expectedImage);
        List<LogEntry> expected = LogImages.recover(expectedImage, Syncer.DISK);
        assertThat(allowed).contains(expected);

        int kills = 0;
        for (boolean recovered = false; !recovered; kills++) {
            int[] untilKill = {kills};
            Syncer killed = (channel, file) -> {
                if (untilKill[0]-- == 0) {
                    throw new IOException("killed");
                }
                channel.force(false);
            };
            try {
                assertThat(LogImages.recover(image, killed)).isEqualTo(expected);
                recovered = true;
            } catch (StorageException e) {
                assertThat(e).hasMessageContaining("killed");
            }
        }
        assertThat(kills).isGreaterThan(2);
        assertThat(LogImages.recover(image, Syncer.DISK)).isEqualTo(expected);
    }

    private static void tearLastRecord(Path image) throws IOException {
        Path last = SegmentFiles.list(image).lastEntry().getValue();
        try (FileChannel channel = FileChannel.open(last, StandardOpenOption.READ)) {
            SegmentScanner scanner = new SegmentScanner(channel, LogImages.salt(image));
            while (scanner.next() != null) {
                assertThat(scanner.position()).isPositive();
            }
            LogImages.flipBit(last, (scanner.position() - 8) * 8);
        } catch (DamagedRecordException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Tag("case-40")
    void aKilledProcessKeepsWhatItSyncedThroughKillsDuringRecovery() throws Exception {
        SegmentedLogStorage.create(directory());
        long acknowledged = 0;
        for (int life = 0; life < 3; life++) {
            try (ChildJvm writer =
                    ChildJvm.start(List.of(), flags(), Writer.class, directory().toString(), kind.name())) {
                for (int batch = 0; batch < 50; batch++) {
                    String line = writer.awaitLine("synced ");
                    assertThat(line).isNotNull();
                    acknowledged = Long.parseLong(line.substring("synced ".length()));
                }
            }
            try (ChildJvm killedWhileRecovering =
                    ChildJvm.start(List.of(), flags(), Writer.class, directory().toString(), kind.name())) {
                assertThat(killedWhileRecovering.awaitLine("opening")).isNotNull();
            }
        }
        log = kind.open(directory(), SMALL, Syncer.DISK);
        assertThat(log.lastIndex()).isGreaterThanOrEqualTo(acknowledged);
        assertThat(log.read(1, acknowledged, Long.MAX_VALUE)).isEqualTo(entries(1, (int) acknowledged, 1));
    }

    /** Appends and syncs until it is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            System.out.println("opening");
            try (SegmentedLogStorage log =
                    LogStorageKind.valueOf(arguments[1]).open(Path.of(arguments[0]), SMALL, Syncer.DISK)) {
                while (true) {
                    log.append(entries(log.lastIndex() + 1, 7, 1));
                    log.sync();
                    System.out.println("synced " + log.lastIndex());
                }
            }
        }
    }

    @Test
    void aFailedOpenLeavesNothingOpen() throws IOException {
        openLog();
        appendAtRandom();
        sync();
        log.close();
        Path mark = directory().resolve(SegmentFiles.MARK);
        byte[] content = Files.readAllBytes(mark);
        Files.write(mark, new byte[content.length]);
        assertThatThrownBy(() -> kind.open(directory(), SMALL, Syncer.DISK)).hasMessageContaining(mark.toString());
        Files.write(mark, content);
        log = kind.open(directory(), SMALL, Syncer.DISK);
        assertThat(log.read(1, log.lastIndex(), Long.MAX_VALUE)).isEqualTo(model);
    }

    /** What a JVM needs on its command line. */
    private List<String> flags() {
        return kind == LogStorageKind.CHRONICLE ? RuntimeFlags.needed() : List.of();
    }
}
