package io.balsa.raft.node;

import static io.balsa.raft.node.TestMachine.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.SnapshotMetadata;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The applier and the writer of its snapshots, in turns on one thread. */
class ApplierSnapshotTest {
    private final TestMachine machine = new TestMachine();
    private final TestSnapshots snapshots = new TestSnapshots();
    private final Wakeup wakeup = new Wakeup();
    private final SnapshotWriter writer =
            new SnapshotWriter(snapshots, index -> index, () -> 0, wakeup, new Reports(wakeup));
    private long nowNanos;
    private long nanosPerLook;
    private final Applier applier = new Applier(
            machine,
            0,
            new SnapshotTaker(
                    new CompactionPolicy(1 << 20, 3, 0),
                    Configuration.of(List.of(NodeId.of("n1"))),
                    Optional.empty(),
                    Optional.of(writer)),
            new PendingProposals(Optional::empty),
            () -> nowNanos += nanosPerLook,
            wakeup,
            wakeup);

    private static List<LogEntry> entries(long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(index -> new LogEntry(index, 1, EntryType.COMMAND, index, bytes("add w" + index)))
                .toList();
    }

    /** A large state takes long to cut, and who else has turns on the thread must not wait for that. */
    @Test
    void aSnapshotThatIsDueIsCutInARoundThatIsKnownToBeLong() {
        applier.committed(entries(1, 4));
        applier.committed(entries(5, 5));
        assertThat(applier.mayTakeLong()).isFalse();

        assertThat(applier.doWork()).isPositive();
        assertThat(applier.lastApplied())
                .as("nothing is applied beyond where it is cut")
                .isEqualTo(3);
        assertThat(applier.mayTakeLong()).isTrue();
        assertThat(writer.doWork()).as("cut in this round").isZero();

        assertThat(applier.doWork()).isPositive();
        assertThat(applier.mayTakeLong()).isFalse();
        assertThat(applier.lastApplied()).isEqualTo(5);
        assertThat(machine.words()).containsExactly("w1", "w2", "w3", "w4", "w5");
        assertThat(writer.doWork()).isEqualTo(1);
        assertThat(snapshots.latestIndex()).isEqualTo(3);
    }

    private void applyUntilASnapshotIsDue(long first) {
        applier.committed(entries(first, first + 2));
        applier.doWork();
        assertThat(applier.lastApplied()).isEqualTo(first + 2);
    }

    private void cutAndWrite() {
        applier.doWork();
        assertThat(writer.doWork()).isEqualTo(1);
    }

    @Test
    void onlyARoundThatTookLongTheLastTimeIsKnownToBeLong() {
        applyUntilASnapshotIsDue(1);
        assertThat(applier.mayTakeLong()).as("nothing is known yet").isTrue();
        cutAndWrite();
        applyUntilASnapshotIsDue(4);
        assertThat(applier.mayTakeLong()).as("after a quick one").isFalse();
        nanosPerLook = TimeUnit.MILLISECONDS.toNanos(1);
        cutAndWrite();
        applyUntilASnapshotIsDue(7);
        assertThat(applier.mayTakeLong()).as("after a slow one").isTrue();
        assertThat(snapshots.latestIndex()).isEqualTo(6);
    }

    @Test
    void aStateThatMayHaveGrownMuchIsKnownToTakeLong() {
        Configuration one = Configuration.of(List.of(NodeId.of("n1")));
        SnapshotTaker taker = new SnapshotTaker(
                new CompactionPolicy(Long.MAX_VALUE, 1_000_000, 0), one, Optional.empty(), Optional.of(writer));
        taker.applied(applied(1));
        taker.request();
        assertThat(taker.mayTakeLong()).isTrue();
        taker.cut(machine, () -> 0);
        writer.doWork();

        taker.applied(applied(2));
        taker.request();
        assertThat(taker.mayTakeLong()).as("after a quick one").isFalse();
        taker.cut(machine, () -> 0);
        writer.doWork();

        for (int i = 0; i <= 100_000; i++) {
            taker.applied(applied(3 + i));
        }
        taker.request();
        assertThat(taker.mayTakeLong()).as("so much later").isTrue();
        taker.cut(machine, () -> 0);
        writer.doWork();

        taker.restored(new SnapshotMetadata(200_000, 1, 0, one));
        taker.applied(applied(200_001));
        taker.request();
        assertThat(taker.mayTakeLong())
                .as("of a state that was replaced by another's")
                .isTrue();
    }

    private LogEntry applied(long index) {
        LogEntry entry = new LogEntry(index, 1, EntryType.NO_OP, index, new byte[0]);
        machine.apply(entry);
        return entry;
    }

    @Test
    void aSnapshotThatIsAskedForIsCutInSuchARoundToo() {
        applier.takeSnapshot();
        applier.doWork();
        assertThat(applier.mayTakeLong())
                .as("there is nothing yet to take one of")
                .isFalse();
        applier.committed(entries(1, 2));
        applier.doWork();

        applier.takeSnapshot();
        applier.committed(entries(3, 3));
        applier.doWork();
        assertThat(applier.mayTakeLong()).isTrue();
        assertThat(applier.lastApplied()).isEqualTo(2);
        applier.doWork();
        writer.doWork();
        assertThat(snapshots.latestIndex()).isEqualTo(2);
        assertThat(applier.lastApplied()).isEqualTo(3);
    }
}
