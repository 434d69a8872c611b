package io.balsa.bench.growth;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.SmokeRun;
import io.balsa.bench.replication.Setting.Durability;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each benchmark of growth runs, gives figures and leaves nothing behind; what the figures are is not a test's business. */
class GrowthTest {
    @TempDir
    private Path directory;

    @AfterEach
    void leavesNothingBehind() {
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource
    void groupsHaveManyNodes(Durability durability) throws Exception {
        assertThat(SmokeRun.of(NodesBenchmark.class, ".*", directory)
                        .with("nodes", "1", "5")
                        .with("durability", durability.name())
                        .run())
                .hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void hostsHaveManyGroups(Durability durability) throws Exception {
        SmokeRun.of(GroupsBenchmark.class, ".*", directory)
                .with("groups", "5")
                .with("outstanding", "16")
                .with("durability", durability.name())
                .run();
    }

    @Test
    void theirLogsMayBeApart() throws Exception {
        SmokeRun.of(GroupsBenchmark.class, ".*", directory)
                .with("groups", "2")
                .with("outstanding", "16")
                .with("durability", "FSYNC")
                .with("log", "OWN")
                .run();
    }

    @Test
    void manyObjectsAreHeld() throws Exception {
        assertThat(SmokeRun.of(ObjectsBenchmark.class, ".*", directory)
                        .with("objects", "1000")
                        .run())
                .hasSize(2)
                .allSatisfy(result -> assertThat(result.getSecondaryResults()).containsKey("bytesPerObject"));
    }

    @ParameterizedTest
    @EnumSource
    void whatACommandTakesOfTheHeapIsToldByWhomItServes(Durability durability) throws Exception {
        assertThat(SmokeRun.of(AllocationBenchmark.class, ".*", directory)
                        .with("outstanding", "16")
                        .with("durability", durability.name())
                        .run())
                .hasSize(1)
                .allSatisfy(result -> assertThat(result.getSecondaryResults())
                        .containsKeys("leaderBytes", "clientBytes", "othersBytes"));
    }

    @Test
    void aGroupIsUnderLoadWithOneFollowerStopped() throws Exception {
        assertThat(SmokeRun.of(SmallHeapBenchmark.class, ".*", directory)
                        .with("outstanding", "64")
                        .run())
                .hasSize(SmallHeapBenchmark.Follower.values().length)
                .allSatisfy(
                        result -> assertThat(result.getSecondaryResults()).containsKeys("fullCollections", "inUse"));
    }
}
