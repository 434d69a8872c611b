package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SegmentLogTruncationTest extends SegmentedLogTruncationContract {
    SegmentLogTruncationTest() {
        super(LogStorageKind.SEGMENT);
    }

    @Test
    @Tag("case-27")
    @Tag("case-36")
    void aFileThatIsUsedAgainShowsNothingOfWhatItHeld() throws IOException {
        fill(1, 60);
        for (int round = 0; round < 10; round++) {
            log.truncatePrefix(log.lastIndex() - 100);
            List<Path> spares = SegmentFiles.spares(directory());
            assertThat(spares).hasSize(2);
            List<LogEntry> synced = all(log);
            List<List<LogEntry>> allowed = new ArrayList<>();
            allowed.add(synced);
            List<List<LogEntry>> found = powerCutsDuring(() -> {
                // More than two segments of these have room for.
                for (int batch = 0; batch < 40; batch++) {
                    log.append(entries(log.lastIndex() + 1, 20, 1));
                    allowed.add(all(log));
                    log.sync();
                }
            });
            assertThat(allowed).as("seed %d, round %d", seed, round).containsAll(found);
            assertThat(spares).as("round %d", round).noneMatch(Files::exists);
        }
    }

    /** A spare is full of whole records, which lie just behind the torn one and say how much was durable in their time. */
    @Test
    @Tag("case-29")
    void recordsThatAFileHeldBeforeItIsUsedAgainProveNothing() throws IOException {
        fill(1, 60);
        for (int batch = 0; batch < 60; batch++) {
            fill(log.lastIndex() + 1, 1);
        }
        log.truncatePrefix(log.lastIndex() - 100);
        Set<Path> before = Set.copyOf(SegmentFiles.list(directory()).values());
        while (before.containsAll(SegmentFiles.list(directory()).values())) {
            fill(log.lastIndex() + 1, 1);
        }
        List<LogEntry> synced = all(log);
        log.append(entries(log.lastIndex() + 1, 20, 1));
        Path segment = SegmentFiles.list(directory()).lastEntry().getValue();
        long torn;
        int stale = 0;
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
            SegmentScanner scanner = new SegmentScanner(channel, LogImages.salt(directory()));
            scanner.next();
            torn = scanner.position();
            ByteBuffer rest = ByteBuffer.allocate(16 << 10);
            channel.read(rest, 8192);
            for (int at = 0; at < rest.position() - 4; at += 4) {
                stale += rest.getInt(at) == LogRecord.MAGIC ? 1 : 0;
            }
        } catch (DamagedRecordException e) {
            throw new AssertionError(e);
        }
        assertThat(stale).as("old records in %s", segment).isPositive();
        for (int flip = 0; flip < 20; flip++) {
            Path image = temporary.resolve("flip-" + flip);
            LogImages.copy(directory(), image);
            LogImages.flipBit(image.resolve(segment.getFileName()), torn * 8 + 64 + flip * 100L);
            assertThat(LogImages.recover(image, Syncer.DISK)).isEqualTo(synced);
        }
    }

    @Test
    void aLogGoesOnWithEachKindOfWriter() throws IOException {
        fill(1, 60);
        log.truncatePrefix(500);
        List<LogStorageKind> turns = new ArrayList<>(List.of(LogStorageKind.values()));
        Collections.reverse(turns);
        turns.addAll(List.of(LogStorageKind.values()));
        for (LogStorageKind other : turns) {
            List<LogEntry> expected = all(log);
            log.close();
            log = other.open(directory(), SMALL, images);
            assertThat(all(log)).isEqualTo(expected);
            fill(log.lastIndex() + 1, 30);
            log.truncatePrefix(log.firstIndex() + 200);
        }
    }
}
