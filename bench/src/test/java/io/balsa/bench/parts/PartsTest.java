package io.balsa.bench.parts;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.SmokeRun;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.port.ReadConsistency;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark of the parts runs, gives figures and leaves nothing behind; what the figures are is not a test's business. */
class PartsTest {
    @TempDir
    private Path directory;

    @AfterEach
    void leavesNothingBehind() {
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void batchesAreAppendedToTheLogAndSynced() throws Exception {
        assertThat(SmokeRun.of(LogBenchmark.class, ".*", directory)
                        .with("entries", "16")
                        .run())
                .hasSize(WrittenLog.values().length)
                .allSatisfy(result -> assertThat(result.getSecondaryResults()).containsKeys("p50", "p99.9"));
    }

    @Test
    void aLogIsOpenedAgain() throws Exception {
        assertThat(SmokeRun.of(LogReopenBenchmark.class, ".*", directory)
                        .with("entries", "1000")
                        .run())
                .hasSize(2);
    }

    @Test
    void aLogRollsToItsNextSegment() throws Exception {
        SmokeRun.of(LogRollBenchmark.class, ".*", directory)
                .with("log", "SEGMENT")
                .run();
    }

    @Test
    void messagesAreEncodedAndDecoded() throws Exception {
        assertThat(SmokeRun.of(CodecBenchmark.class, ".*", directory).run()).hasSize(8);
    }

    @Test
    void commandsAreApplied() throws Exception {
        assertThat(SmokeRun.of(ApplyBenchmark.class, ".*", directory)
                        .with("locks", "0", "1000")
                        .run())
                .hasSize(4)
                .filteredOn(result -> result.getParams().getParam("locks").equals("1000"))
                .allSatisfy(result -> assertThat(result.getSecondaryResults()).containsKey("bytesPerLock"));
    }

    @Test
    void snapshotsAreWrittenAndInstalled() throws Exception {
        assertThat(SmokeRun.of(SnapshotBenchmark.class, ".*", directory)
                        .with("megabytes", "1")
                        .run())
                .hasSize(3)
                .filteredOn(result -> !result.getParams().getBenchmark().endsWith("cut"))
                .allSatisfy(result -> assertThat(result.getSecondaryResults()).containsKey("rate"));
    }

    @Test
    void readsAreAnswered() throws Exception {
        assertThat(SmokeRun.of(ReadBenchmark.class, ".*", directory)
                        .with("outstanding", "16")
                        .run())
                .hasSize(ReadConsistency.values().length * Setting.Durability.values().length);
    }

    @Test
    void aLeaderIsElected() throws Exception {
        SmokeRun.of(ElectionBenchmark.class, ".*", directory).run();
    }

    @Test
    void anotherTakesOverWhenALeaderEnds() throws Exception {
        assertThat(SmokeRun.of(FailoverBenchmark.class, ".*", directory).run())
                .hasSize(FailoverBenchmark.End.values().length);
    }
}
