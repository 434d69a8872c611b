package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 7 of the Raft paper (extended version), sentence by sentence, and what it leaves open. */
class PaperSnapshotTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N3 = NodeId.of("n3");

    private final CoreCluster cluster = CoreCluster.of(3);
    private final CoreServer n3 = cluster.server(N3);

    @Test
    @DisplayName(
            "7: Usually the snapshot will contain new information not already in the recipient's log. In this case, the"
                    + " follower discards its entire log; it is all superseded by the snapshot and may possibly have"
                    + " uncommitted entries that conflict with the snapshot.")
    void newInformationSupersedesTheWholeLog() {
        cluster.given("n3", new HardState(2, Optional.empty()), 1, 1, 1, 1, 1, 1);
        receive(snapshot(4, 2));
        assertThat(n3.log()).isEmpty();
        assertThat(n3.core().firstIndex()).isEqualTo(5);
        assertThat(n3.core().lastIndex()).isEqualTo(4);
        assertThat(n3.core().commitIndex()).isEqualTo(4);

        n3.crash(0);
        n3.start();
        assertThat(n3.core().lastIndex()).isEqualTo(4);
        assertThat(n3.core().commitIndex()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "7: If instead the follower receives a snapshot that describes a prefix of its log (due to retransmission or"
                    + " by mistake), then log entries covered by the snapshot are deleted but entries following the"
                    + " snapshot are still valid and must be retained.")
    void entriesAfterTheSnapshotAreRetained() {
        cluster.given("n3", 1, 1, 2, 2, 2, 3);
        receive(snapshot(4, 2));
        assertThat(n3.log()).extracting(LogEntry::index).containsExactly(5L, 6L);
        assertThat(n3.core().commitIndex()).isEqualTo(4);
        assertThat(n3.core().lastIndex()).isEqualTo(6);
    }

    @Test
    @DisplayName(
            "Entries that the disk was not even told of are not retained: it could not drop what comes before them.")
    void whatWasNotHandedOutIsNotRetained() {
        cluster.given("n3", new HardState(2, Optional.empty()), 1, 1);
        n3.step(List.of(
                new Input.Receive(
                        new Message.AppendEntries(N1, N3, 2, 2, 1, List.of(entry(3), entry(4), entry(5)), 1, 0, 0)),
                published(snapshot(4, 2))));
        cluster.settle();
        assertThat(n3.core().lastIndex()).isEqualTo(4);

        // It takes them again, and commits what the leader says, not more than it has.
        n3.step(new Input.Receive(new Message.AppendEntries(N1, N3, 2, 4, 2, List.of(), 5, 0, 0)));
        assertThat(n3.core().commitIndex()).isEqualTo(4);
        n3.step(new Input.Receive(new Message.AppendEntries(N1, N3, 2, 4, 2, List.of(entry(5)), 5, 0, 0)));
        n3.persist();
        assertThat(n3.core().commitIndex()).isEqualTo(5);
        assertThat(n3.log()).extracting(LogEntry::index).containsExactly(5L);
    }

    @Test
    @DisplayName(
            "7: Although servers normally take snapshots independently, the leader must occasionally send snapshots to"
                    + " followers that lag behind. This happens when the leader has already discarded the next log entry"
                    + " that it needs to send to a follower.")
    void whoeverLagsBehindIsSentASnapshot() {
        cluster.elect("n1");
        cluster.isolate(N3);
        cluster.propose("n1", "a");
        cluster.settle();
        CoreServer n1 = cluster.server(N1);
        n1.snapshots().taken(n1.snapshotNow().orElseThrow(), 3);
        n1.persist();
        assertThat(n1.core().firstIndex()).isEqualTo(3);
        cluster.heal();
        cluster.run(200);
        assertThat(n3.core().snapshotIndex()).isEqualTo(2);
        assertThat(n3.core().commitIndex()).isEqualTo(2);
    }

    private void receive(SnapshotMetadata metadata) {
        n3.step(published(metadata));
        cluster.settle();
    }

    private Input published(SnapshotMetadata metadata) {
        n3.disk().publish(metadata);
        return new Input.SnapshotReceived(metadata);
    }

    private static SnapshotMetadata snapshot(long index, long term) {
        return new SnapshotMetadata(index, term, 0, Configuration.of(CoreCluster.ids(3)));
    }

    private static LogEntry entry(long index) {
        return new LogEntry(index, 2, EntryType.COMMAND, 0, new byte[0]);
    }
}
