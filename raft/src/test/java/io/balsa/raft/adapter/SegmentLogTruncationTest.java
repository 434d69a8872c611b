package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    @Test
    void aLogGoesOnWithEitherKindOfWriter() throws IOException {
        fill(1, 60);
        log.truncatePrefix(500);
        for (int turn = 0; turn < 4; turn++) {
            List<LogEntry> expected = all(log);
            log.close();
            LogStorageKind other = turn % 2 == 0 ? LogStorageKind.CHRONICLE : LogStorageKind.SEGMENT;
            log = other.open(directory(), SMALL, images);
            assertThat(all(log)).isEqualTo(expected);
            fill(log.lastIndex() + 1, 30);
            log.truncatePrefix(log.firstIndex() + 200);
        }
    }
}
