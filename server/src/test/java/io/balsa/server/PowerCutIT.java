package io.balsa.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.server.support.AcknowledgedWrites;
import io.balsa.server.support.FailingDisk;
import io.balsa.server.support.JarCluster;
import io.balsa.server.support.JarProcess;
import io.balsa.server.support.MountSpace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three processes on three disks whose power is cut under load: what was not synced is gone, and whatever was
 * acknowledged is there.
 *
 * <p>Each disk is an ext4 file system in a file, shut down without flushing its journal. That is one real file system and
 * one order of its writes: it keeps no arbitrary subset of the unsynced sectors, and one sync commits the names of all
 * files, so that a missing sync of a directory may go unseen. The simulator and the tests of the adapters look for those.
 */
class PowerCutIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"segment", "segment-cached"})
    @Tag("case-27")
    @Tag("case-36")
    void everyAcknowledgedWriteSurvivesACutOfAllDisks(String logStorage) {
        cutAgainAndAgain(1, logStorage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"segment", "segment-cached"})
    @Tag("nemesis")
    @Tag("case-27")
    @Tag("case-36")
    void everyAcknowledgedWriteSurvivesManyCuts(String logStorage) {
        cutAgainAndAgain(12, logStorage);
    }

    @Test
    @Tag("case-20")
    @Tag("case-37")
    void aNodeWhoseDiskLiedAboutItsLogIsRefusedAndTheOthersHaveItAll() {
        try (MountSpace space = MountSpace.open();
                JarCluster cluster = JarCluster.of(directory, 3)) {
            space.mountDisk(image("n3"), disk("n3"));
            // What is written past the kernel's cache is on this disk, synced or not.
            cluster.setLogStorage("n3", "segment-cached");
            Path data = disk("n3").resolve("data");
            Path segment = data.resolve("log").resolve("0000000001.segment");
            cluster.place("n3", data, FailingDisk.lyingAbout(segment, space.wrapper()));
            cluster.startAll();
            try (AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "w")) {
                writes.awaitMore(200);
                space.cutPower(List.of(disk("n3")));
                cluster.kill("n3");
                space.unplug(disk("n3"));
                space.plugIn(image("n3"), disk("n3"));
                JarProcess.Result refused = cluster.launch("n3").awaitEnd();
                cluster.forget("n3");
                assertThat(refused.exitCode()).as(refused.err()).isEqualTo(ExitCode.DATA_DIRECTORY_DAMAGED.code());
                assertThat(refused.err()).contains(segment.toString());
                writes.awaitMore(50);
                writes.stop();
                writes.verifyLinearizably();
            }
        }
    }

    private void cutAgainAndAgain(int times, String logStorage) {
        try (MountSpace space = MountSpace.open();
                JarCluster cluster = JarCluster.of(directory, 3)) {
            for (String id : cluster.ids()) {
                space.mountDisk(image(id), disk(id));
                cluster.place(id, disk(id).resolve("data"), space.wrapper());
                cluster.setLogStorage(id, logStorage);
            }
            cluster.startAll();
            try (AcknowledgedWrites writes = AcknowledgedWrites.begin(cluster, "w")) {
                for (int i = 0; i < times; i++) {
                    writes.awaitMore(200);
                    space.cutPower(cluster.ids().stream().map(this::disk).toList());
                    replug(space, cluster);
                    cluster.startAll();
                }
                writes.awaitMore(50);
                writes.stop();
                writes.verify();
            }
        }
    }

    private void replug(MountSpace space, JarCluster cluster) {
        for (String id : cluster.ids()) {
            cluster.kill(id);
            space.unplug(disk(id));
            space.plugIn(image(id), disk(id));
        }
    }

    private Path disk(String id) {
        return directory.resolve("disk-" + id);
    }

    private Path image(String id) {
        return directory.resolve(id + ".img");
    }
}
