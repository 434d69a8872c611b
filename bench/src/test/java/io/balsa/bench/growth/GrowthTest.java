package io.balsa.bench.growth;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.bench.SmokeRun;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark of growth runs, gives figures and leaves nothing behind; what the figures are is not a test's business. */
class GrowthTest {
    @TempDir
    private Path directory;

    @AfterEach
    void leavesNothingBehind() {
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void manyObjectsAreHeld() throws Exception {
        assertThat(SmokeRun.of(ObjectsBenchmark.class, ".*", directory)
                        .with("objects", "1000")
                        .run())
                .hasSize(2)
                .allSatisfy(result -> assertThat(result.getSecondaryResults()).containsKey("bytesPerObject"));
    }
}
