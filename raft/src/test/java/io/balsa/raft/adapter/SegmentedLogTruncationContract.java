package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The beginning of a log moves in one step, whenever the power fails; what is missing behind it is an error as before. */
abstract class SegmentedLogTruncationContract {
    static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    final LogStorageKind kind;

    @TempDir
    Path temporary;

    final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    final LogImages images = new LogImages();
    SegmentedLogStorage log;
    private int cuts;

    SegmentedLogTruncationContract(LogStorageKind kind) {
        this.kind = kind;
    }

    final Path directory() {
        return temporary.resolve("log");
    }

    @BeforeEach
    void openLog() {
        SegmentedLogStorage.create(directory(), images);
        log = kind.open(directory(), SMALL, images);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    final void fill(long firstIndex, int batches) {
        for (int batch = 0; batch < batches; batch++) {
            log.append(entries(firstIndex + batch * 20L, 20, 1));
        }
        log.sync();
    }

    static List<LogEntry> all(SegmentedLogStorage of) {
        return of.lastIndex() < of.firstIndex() ? List.of() : of.read(of.firstIndex(), of.lastIndex(), Long.MAX_VALUE);
    }

    /** What power cuts at every sync of an action leave. */
    final List<List<LogEntry>> powerCutsDuring(Runnable action) {
        List<List<LogEntry>> found = new ArrayList<>();
        images.beforeForce(() -> found.add(powerCut()));
        action.run();
        images.beforeForce(() -> {});
        found.add(powerCut());
        return found;
    }

    private List<LogEntry> powerCut() {
        try {
            Path image = temporary.resolve("image-" + cuts++);
            images.powerCut(directory(), image, random, random.nextDouble());
            List<LogEntry> recovered = LogImages.recover(image, Syncer.DISK);
            assertThat(LogImages.recover(image, Syncer.DISK))
                    .as("seed %d", seed)
                    .isEqualTo(recovered);
            return recovered;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("case-35")
    @Tag("case-36")
    void aPowerCutWhileAPrefixIsDroppedLeavesTheOldBeginningOrTheNew() {
        fill(1, 60);
        for (int round = 0; round < 15; round++) {
            List<LogEntry> before = all(log);
            long keep = log.firstIndex() + random.nextInt(before.size());
            List<List<LogEntry>> found = powerCutsDuring(() -> log.truncatePrefix(keep));
            List<LogEntry> after = all(log);
            assertThat(found)
                    .as("seed %d, round %d", seed, round)
                    .allMatch(is -> is.equals(before) || is.equals(after));
            assertThat(found.get(found.size() - 1))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(after);
            fill(log.lastIndex() + 1, 10);
        }
    }

    @Test
    @Tag("case-36")
    void aPowerCutDuringAResetLeavesTheOldLogOrTheNew() {
        for (int round = 0; round < 8; round++) {
            fill(log.lastIndex() + 1, 1 + random.nextInt(30));
            List<LogEntry> before = all(log);
            List<LogEntry> unsynced = new ArrayList<>(before);
            unsynced.addAll(entries(log.lastIndex() + 1, 3, 9));
            log.append(unsynced.subList(before.size(), unsynced.size()));
            long first = 10_000L * (round + 1);
            List<List<LogEntry>> found = powerCutsDuring(() -> log.reset(first));
            assertThat(found)
                    .as("seed %d, round %d", seed, round)
                    .allMatch(is -> is.isEmpty() || is.equals(before) || is.equals(unsynced));
            assertThat(found.get(found.size() - 1))
                    .as("seed %d, round %d", seed, round)
                    .isEmpty();
        }
    }

    @Test
    @Tag("case-28")
    @Tag("case-35")
    void aBeginningThatCannotBeMadeDurableDeletesNothing() throws IOException {
        fill(1, 60);
        log.close();
        Syncer failing = (channel, file) -> {
            if (file.endsWith(SegmentFiles.MARK)) {
                throw new IOException("Input/output error");
            }
            channel.force(false);
        };
        log = kind.open(directory(), SMALL, failing);
        NavigableMap<Integer, Path> segments = SegmentFiles.list(directory());
        assertThatThrownBy(() -> log.truncatePrefix(1000))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("Input/output error");
        assertThatThrownBy(() -> log.reset(1)).hasMessageContaining("failed before");
        assertThat(SegmentFiles.list(directory())).isEqualTo(segments);
    }

    @Test
    void segmentsBeforeTheBeginningAreDeletedAlsoAfterACrash() throws IOException {
        fill(1, 60);
        Path old = temporary.resolve("old");
        LogImages.copy(directory(), old);
        log.truncatePrefix(1000);
        List<LogEntry> expected = all(log);
        for (Path segment : SegmentFiles.list(old).values()) {
            Path gone = directory().resolve(segment.getFileName());
            if (!Files.exists(gone)) {
                Files.copy(segment, gone);
            }
        }
        log.close();
        int leftOver = SegmentFiles.list(directory()).size();
        log = kind.open(directory(), SMALL, images);
        assertThat(all(log)).isEqualTo(expected);
        assertThat(SegmentFiles.list(directory())).hasSizeLessThan(leftOver);
    }

    @Test
    @Tag("case-33")
    void aMissingSegmentOfATruncatedLogIsAnError() throws IOException {
        fill(1, 60);
        log.truncatePrefix(500);
        fill(log.lastIndex() + 1, 20);
        assertThat(log.firstIndex()).isGreaterThan(1);
        int segments = SegmentFiles.list(directory()).size();
        assertThat(segments).isGreaterThan(3);
        for (int segment = 0; segment < segments; segment++) {
            Path image = temporary.resolve("missing-" + segment);
            LogImages.copy(directory(), image);
            Files.delete(List.copyOf(SegmentFiles.list(image).values()).get(segment));
            assertThatThrownBy(() -> LogImages.recover(image, Syncer.DISK))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(image.toString());
        }
    }

    @Test
    @Tag("case-30")
    void aFlippedBitInATruncatedLogIsRefused() throws IOException {
        fill(1, 60);
        log.truncatePrefix(500);
        List<LogEntry> expected = all(log);
        for (int flip = 0; flip < 100; flip++) {
            Path image = temporary.resolve("flip-" + flip);
            LogImages.copy(directory(), image);
            List<Path> files = List.copyOf(SegmentFiles.list(image).values());
            LogImages.flipBit(files.get(random.nextInt(files.size())), random.nextLong((16 << 10) * 8));
            try {
                assertThat(LogImages.recover(image, Syncer.DISK))
                        .as("seed %d, flip %d", seed, flip)
                        .isEqualTo(expected);
            } catch (StorageException e) {
                assertThat(e).hasMessageContaining(image.toString());
            }
        }
    }

    @Test
    void aLogOfTheFirstFormatIsTakenOver() throws IOException {
        fill(1, 3);
        log.close();
        LogImages.toFirstVersion(directory());
        log = kind.open(directory(), SMALL, images);
        assertThat(all(log)).isEqualTo(entries(1, 60, 1));
        log.reset(100);
        log.close();
        log = kind.open(directory(), SMALL, images);
        assertThat(log.firstIndex()).isEqualTo(100);
    }
}
