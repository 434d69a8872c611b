package io.balsa.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotDamagedException;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    private static List<LogEntry> entries(long from, long to, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = from; index <= to; index++) {
            entries.add(new LogEntry(index, term, EntryType.COMMAND, 0, new byte[600]));
        }
        return entries;
    }

    @Test
    void aLossOfPowerLeavesWhatWasSyncedAndAnyBeginningOfTheRest() {
        Set<Long> lasts = new TreeSet<>();
        for (int seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(seed));
            disk.append(entries(1, 3, 1));
            disk.sync();
            disk.append(entries(4, 6, 1));
            disk.append(entries(7, 9, 1));
            disk.losePower();
            lasts.add(disk.lastIndex());
            assertThat(disk.durableLastIndex()).isEqualTo(disk.lastIndex());
        }
        assertThat(lasts).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L);
    }

    @Test
    void theEndOfAProcessLeavesAll() {
        SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(1));
        disk.append(entries(1, 3, 1));
        disk.endProcess();
        assertThat(disk.lastIndex()).isEqualTo(3);
        assertThat(disk.durableLastIndex()).isZero();
        disk.open();
        assertThat(disk.durableLastIndex()).isEqualTo(3);
    }

    @Test
    void aVoteThatIsBeingSavedIsThereOrNot() {
        HardState vote = new HardState(3, Optional.of(NodeId.of("n2")));
        List<HardState> found = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(seed));
            disk.beginSaving(vote);
            disk.losePower();
            found.add(disk.hardState());
        }
        assertThat(found).contains(vote, HardState.INITIAL);
    }

    @Test
    void aDamagedRecordIsNeverReadAsIfItWereWhole() {
        SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(1));
        assertThat(disk.damage()).isFalse();
        disk.append(entries(1, 1, 1));
        disk.sync();
        assertThat(disk.damage()).isTrue();
        assertThatThrownBy(() -> disk.entryAt(1)).isInstanceOf(StorageException.class);
        assertThatThrownBy(disk::open).isInstanceOf(StorageException.class).hasMessageContaining("entry 1");
    }

    @Test
    void whatWasNotTruncatedForGoodComesBack() {
        Set<Long> lasts = new TreeSet<>();
        for (int seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(seed));
            disk.append(entries(1, 6, 1));
            disk.sync();
            disk.append(entries(3, 4, 2));
            assertThat(disk.lastIndex()).isEqualTo(4);
            disk.losePower();
            lasts.add(disk.lastIndex());
            assertThat(disk.entryAt(disk.lastIndex()).term()).isEqualTo(disk.lastIndex() == 6 ? 1 : 2);
        }
        assertThat(lasts).containsExactly(3L, 4L, 6L);
    }

    @Test
    @Tag("case-31")
    void aDamagedVoteIsNeverLoadedAndAWholeOneTakesItsPlace() {
        SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(1));
        HardState vote = new HardState(3, Optional.of(NodeId.of("n2")));
        disk.beginSaving(vote);
        disk.finishSaving();
        disk.damageHardState();
        assertThat(disk.isDamaged()).isTrue();
        assertThat(disk.canStart()).isFalse();
        assertThatThrownBy(disk::loadHardState)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("n1/hard-state");
        disk.beginSaving(vote);
        disk.finishSaving();
        assertThat(disk.loadHardState()).isEqualTo(vote);
        assertThat(disk.isDamaged()).isFalse();
    }

    @Test
    @Tag("case-32")
    void aDamagedSnapshotIsReplacedByTheLogAsLongAsThatGoesBackFarEnough() throws IOException {
        SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(1));
        SimulatedSnapshotStorage snapshots =
                new SimulatedSnapshotStorage(disk.snapshots(), NoFaults.INSTANCE, damaged -> {});
        assertThat(disk.damageSnapshot()).isFalse();
        disk.append(entries(1, 6, 1));
        disk.sync();
        SnapshotDescription damaged = snapshot(snapshots, 4);
        try (SnapshotStorage.Source source = snapshots.open(damaged).orElseThrow()) {
            assertThat(source.read(0, 1)).hasSize(1);
            assertThat(disk.damageSnapshot()).isTrue();
            assertThatThrownBy(() -> source.read(1, 1)).isInstanceOf(SnapshotDamagedException.class);
        }
        assertThatThrownBy(() -> snapshots.read(damaged).readAllBytes()).isInstanceOf(SnapshotDamagedException.class);
        assertThat(disk.isDamaged()).isTrue();
        assertThat(disk.canStart()).isTrue();
        disk.truncatePrefix(3);
        assertThat(disk.canStart()).isFalse();
        snapshots.discard(damaged);
        assertThat(disk.isDamaged()).isTrue();
        assertThat(disk.canStart()).isFalse();
        snapshot(snapshots, 6);
        assertThat(disk.isDamaged()).isFalse();
        assertThat(disk.canStart()).isTrue();
    }

    @Test
    @Tag("case-50")
    void whatIsDamagedOnItsWayIsReceivedAnew() throws IOException {
        SimulatedDisk disk = new SimulatedDisk("n1", new SplittableRandom(1));
        SimulatedSnapshotStorage leader =
                new SimulatedSnapshotStorage(new SimulatedSnapshotFiles(() -> {}), NoFaults.INSTANCE, damaged -> {});
        SnapshotDescription description = snapshot(leader, 4);
        byte[] all;
        try (SnapshotStorage.Source source = leader.open(description).orElseThrow()) {
            all = source.read(0, (int) description.sizeBytes());
        }
        assertThat(disk.damageReceivedSnapshot()).isFalse();
        SimulatedSnapshotStorage follower =
                new SimulatedSnapshotStorage(disk.snapshots(), NoFaults.INSTANCE, damaged -> {});
        try (SnapshotStorage.Receiving receiving = follower.receive(description)) {
            receiving.store(all);
            assertThat(disk.damageReceivedSnapshot()).isTrue();
            assertThat(receiving.publish()).isFalse();
            assertThat(receiving.nextOffset()).isZero();
            receiving.store(all);
            assertThat(receiving.publish()).isTrue();
        }
        assertThat(follower.latest()).contains(description);
        assertThat(disk.isDamaged()).isFalse();
    }

    private static SnapshotDescription snapshot(SnapshotStorage snapshots, long index) throws IOException {
        SnapshotMetadata metadata = new SnapshotMetadata(index, 1, 0, Configuration.of(List.of(NodeId.of("n1"))));
        try (SnapshotStorage.Writing writing = snapshots.write(metadata)) {
            writing.output().write(new byte[] {1, 2, 3});
            return writing.publish();
        }
    }
}
