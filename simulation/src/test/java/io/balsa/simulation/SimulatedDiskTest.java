package io.balsa.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
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
}
