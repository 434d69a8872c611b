package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.AcknowledgedWrites;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import io.balsa.server.support.MountSpace;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process whose disk, a small file system in memory, runs full. */
class FullDiskIT {
    private static final int SMALL_MEGABYTES = 6;
    private static final int LARGE_MEGABYTES = 256;
    private static final int VALUE_BYTES = 20_000;

    @TempDir
    private Path directory;

    @Test
    @Tag("case-34")
    void aNodeWhoseDiskIsFullLeavesServiceAndComesBackWhenThereIsRoom() {
        try (MountSpace space = MountSpace.open();
                JarCluster cluster = JarCluster.of(directory, 3)) {
            Path disk = directory.resolve("small");
            space.mountTmpfs(disk, SMALL_MEGABYTES);
            cluster.place("n3", disk.resolve("n3"), space.wrapper());
            cluster.startAll();
            try (AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "w", VALUE_BYTES)) {
                JarProcess.Result ended = cluster.awaitEnd("n3");
                assertThat(ended.exitCode()).as(ended.err()).isEqualTo(ExitCode.NODE_HALTED.code());
                assertThat(ended.err()).contains("node n3 halted: ").contains("disk full");
                writes.awaitMore(20);
                writes.stop();

                // Without room it does not come up half, but says the same again.
                JarProcess.Result again = cluster.launch("n3").awaitEnd();
                assertThat(again.exitCode()).as(again.err()).isNotZero();
                assertThat(again.err()).contains("disk full");
                cluster.forget("n3");

                space.resizeTmpfs(disk, LARGE_MEGABYTES);
                cluster.start("n3");
                writes.verify();
            }
        }
    }
}
