package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.InvariantViolation;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One sync for many logs; what a disk that fails, or has other bytes than were written, does to all of them. */
class SharedGroupLogsFailureTest {
    private static final SegmentedLogStorage.Options SMALL =
            new SegmentedLogStorage.Options(16 << 10, 4096).findingEntries();
    private static final String STORE_ID = "00112233445566778899aabbccddeeff";

    @TempDir
    Path directory;

    private static SharedGroupLogs over(LogStorage log) {
        return SharedGroupLogs.open(log, "the journal's place", STORE_ID, SMALL.segmentBytes());
    }

    private SharedGroupLogs open(Syncer syncer) {
        return over(SegmentLogStorage.open(directory, SMALL, syncer));
    }

    @Test
    void oneSyncCoversAllGroups() {
        SegmentLogStorage.create(directory);
        AtomicInteger syncs = new AtomicInteger();
        try (SharedGroupLogs logs = open((channel, file) -> {
            syncs.incrementAndGet();
            channel.force(false);
        })) {
            LogStorage one = logs.of("one", STORE_ID);
            LogStorage two = logs.of("two", STORE_ID);
            logs.idle();
            assertThat(one.shared()).contains(logs);
            syncs.set(0);
            one.append(entries(1, 3, 1));
            two.append(entries(1, 5, 2));
            assertThat(syncs).hasValue(0);
            one.sync();
            assertThat(syncs).hasValue(1);
            two.sync();
            one.sync();
            logs.sync();
            assertThat(syncs).as("nothing was left to be synced").hasValue(1);
            two.append(entries(6, 1, 2));
            one.sync();
            assertThat(syncs)
                    .as("what the other appended is not this one's business")
                    .hasValue(1);
            two.sync();
            assertThat(syncs).hasValue(2);
        }
    }

    /** Whoever opens a log takes what is in it for durable, so it must be. */
    @Test
    void whatALogThatWasClosedHadNotSyncedIsSyncedWhenItIsOpenedAgain() throws IOException {
        Path path = directory.resolve("log");
        SegmentLogStorage.create(path);
        try (SharedGroupLogs logs = over(SegmentLogStorage.open(path, SMALL, Syncer.DISK))) {
            LogStorage log = logs.of("one", STORE_ID);
            log.append(entries(1, 3, 1));
            log.close();
            assertThat(logs.of("one", STORE_ID).lastIndex()).isEqualTo(3);
            Path image = directory.resolve("image");
            LogImages.copy(path, image);
            try (SharedGroupLogs recovered = over(SegmentLogStorage.open(image, SMALL, Syncer.DISK))) {
                assertThat(recovered.of("one", STORE_ID).read(1, 3, Long.MAX_VALUE))
                        .isEqualTo(entries(1, 3, 1));
            }
        }
    }

    @Test
    void muchThatWaitsIsWrittenWithoutASync() {
        MemoryLogStorage journal = new MemoryLogStorage();
        try (SharedGroupLogs logs = over(journal)) {
            LogStorage log = logs.of("one", STORE_ID);
            long before = journal.lastIndex();
            log.append(entries(1, 10, 1));
            assertThat(journal.lastIndex()).isEqualTo(before);
            log.append(List.of(Entries.large(11, 1, Journal.MAX_PENDING_BYTES / 2)));
            assertThat(journal.lastIndex()).isEqualTo(before);
            log.append(List.of(Entries.large(12, 1, Journal.MAX_PENDING_BYTES / 2)));
            assertThat(journal.lastIndex()).isGreaterThan(before);
            assertThat(log.read(1, 12, Long.MAX_VALUE)).hasSize(12);
        }
    }

    @Test
    void aPayloadThatIsTooLargeIsRefusedBeforeAnythingIsWritten() {
        SegmentLogStorage.create(directory);
        try (SharedGroupLogs logs = open(Syncer.DISK)) {
            LogStorage log = logs.of("one", STORE_ID);
            LogEntry largest = Entries.large(1, 1, GroupState.MAX_PAYLOAD_BYTES);
            log.append(List.of(largest));
            assertThatThrownBy(() -> log.append(
                            List.of(Entries.entry(2, 1), Entries.large(3, 1, GroupState.MAX_PAYLOAD_BYTES + 1))))
                    .isInstanceOf(InvariantViolation.class);
            log.append(entries(2, 1, 1));
            log.sync();
            assertThat(log.read(1, 2, Long.MAX_VALUE)).containsExactly(largest, Entries.entry(2, 1));
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncIsFinalForAllGroups() {
        SegmentLogStorage.create(directory);
        boolean[] fails = {false};
        try (SharedGroupLogs logs = open((channel, file) -> {
            if (fails[0]) {
                throw new IOException("Input/output error");
            }
            channel.force(false);
        })) {
            LogStorage one = logs.of("one", STORE_ID);
            LogStorage two = logs.of("two", STORE_ID);
            two.append(entries(1, 2, 1));
            two.sync();
            one.append(entries(1, 3, 1));
            fails[0] = true;
            assertThatThrownBy(one::sync)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("Input/output error")
                    .hasMessageContaining(directory.toString());
            fails[0] = false;
            for (LogStorage log : List.of(one, two)) {
                assertFailed(log::sync);
                assertFailed(() -> log.append(entries(log.lastIndex() + 1, 1, 1)));
                assertFailed(() -> log.truncatePrefix(log.firstIndex()));
                assertFailed(() -> log.reset(10));
                assertThat(logs.hasIdleWork()).isFalse();
            }
            assertFailed(logs::sync);
            assertFailed(() -> logs.of("three", STORE_ID));
            assertFailed(() -> logs.remove("three"));
            assertThat(two.read(1, 2, Long.MAX_VALUE)).isEqualTo(entries(1, 2, 1));
        }
        try (SharedGroupLogs logs = open(Syncer.DISK)) {
            assertThat(logs.of("two", STORE_ID).read(1, 2, Long.MAX_VALUE)).isEqualTo(entries(1, 2, 1));
        }
    }

    private static void assertFailed(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("failed before")
                .hasMessageContaining("Input/output error");
    }

    @Test
    void anOpenLogIsNeitherOpenedAgainNorRemoved() {
        try (SharedGroupLogs logs = over(new MemoryLogStorage())) {
            LogStorage log = logs.of("one", STORE_ID);
            assertThatThrownBy(() -> logs.of("one", STORE_ID))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("group 'one' is open already");
            assertThatThrownBy(() -> logs.remove("one")).isInstanceOf(IllegalStateException.class);
            log.close();
            assertThatThrownBy(() -> log.append(entries(1, 1, 1))).isInstanceOf(InvariantViolation.class);
            logs.remove("one");
            logs.remove("never there");
            assertThat(logs.groups()).isEmpty();
        }
    }

    private static GroupRecord append(int number, long first, int count) {
        return new GroupRecord.Append(number, entries(first, count, 1));
    }

    private static GroupRecord facts(int number, int replaced, long first, long last) {
        return new GroupRecord.Facts(number, replaced, first, last, STORE_ID, "orders");
    }

    private static void refuses(String why, GroupRecord... records) {
        assertThatThrownBy(() -> over(journalOf(records)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("the journal's place")
                .hasMessageContaining(why);
    }

    private static MemoryLogStorage journalOf(GroupRecord... records) {
        MemoryLogStorage journal = new MemoryLogStorage();
        for (GroupRecord record : records) {
            journal.append(List.of(
                    new LogEntry(journal.lastIndex() + 1, 1, EntryType.COMMAND, 0, GroupRecord.encode(record))));
        }
        return journal;
    }

    @Test
    @Tag("case-30")
    @Tag("case-33")
    void whatCannotHaveBeenWrittenSoIsRefused() {
        refuses("never says which that is", append(1, 1, 3));
        refuses("entry 2: entry 5 of group 'orders'", facts(1, 0, 1, 0), append(1, 5, 1));
        refuses(
                "entry 4: entry 2 of group 'orders'",
                facts(1, 0, 1, 0),
                append(1, 1, 3),
                new GroupRecord.Begin(1, 3),
                append(1, 2, 1));
        refuses("shall begin with entry 9", facts(1, 0, 1, 0), append(1, 1, 3), new GroupRecord.Begin(1, 9));
        refuses("must have entries 1 to 4", append(1, 2, 2), facts(1, 0, 1, 4));
        refuses("the first that was found is 2", append(1, 2, 2), facts(1, 0, 1, 3));
        refuses("the first that was found is 4", facts(1, 0, 1, 3));
        refuses("has the numbers 1 and 2", facts(1, 0, 1, 0), facts(2, 0, 1, 0));
        refuses("a copy begins", facts(1, 0, 1, 0), new GroupRecord.Copy(1));
        refuses("has become group 'stock'", facts(1, 0, 1, 0), new GroupRecord.Facts(1, 0, 1, 0, STORE_ID, "stock"));
    }

    @Test
    void whatWasWrittenBeforeTheJournalsBeginningIsNotMissed() {
        assertEntries(2, 4, append(1, 2, 3), facts(1, 0, 2, 4));
        assertEntries(3, 4, append(1, 2, 3), facts(1, 0, 3, 4));
        assertEntries(2, 3, append(1, 3, 3), append(1, 2, 2), facts(1, 0, 2, 3));
        // The entries of the facts are gone, since the beginning went on after them.
        assertEntries(5, 6, facts(1, 0, 1, 4), append(1, 5, 2), new GroupRecord.Begin(1, 5));
        assertEntries(8, 7, facts(1, 0, 1, 4), new GroupRecord.Reset(1, 8));
        assertEntries(3, 4, new GroupRecord.Begin(1, 3), append(1, 3, 2), facts(1, 0, 3, 4));
        assertEntries(7, 6, facts(1, 0, 7, 6));
        assertEntries(1, 3, append(2, 1, 3), append(1, 1, 1), facts(2, 1, 1, 3));
        assertEntries(1, 2, facts(1, 0, 1, 0), append(1, 1, 2), new GroupRecord.Copy(2), append(2, 1, 1));
    }

    private static void assertEntries(long first, long last, GroupRecord... records) {
        try (SharedGroupLogs logs = over(journalOf(records))) {
            LogStorage log = logs.of("orders", STORE_ID);
            assertThat(log.firstIndex()).isEqualTo(first);
            assertThat(log.lastIndex()).isEqualTo(last);
            if (last >= first) {
                assertThat(log.read(first, last, Long.MAX_VALUE))
                        .isEqualTo(entries(first, (int) (last - first + 1), 1));
            }
        }
    }

    @Test
    @Tag("case-36")
    void aCopyThatWasInterruptedIsForgottenBeforeTheJournalBeginsBehindItsBeginning() {
        List<LogEntry> large = List.of(Entries.large(1, 1, 10_000), Entries.large(2, 1, 10_000));
        MemoryLogStorage journal = journalOf(
                facts(1, 0, 1, 0),
                new GroupRecord.Append(1, large),
                new GroupRecord.Copy(2),
                append(1, 3, 7),
                new GroupRecord.Append(2, large));
        try (SharedGroupLogs logs = over(journal)) {
            logs.of("orders", STORE_ID).truncatePrefix(3);
            while (logs.hasIdleWork()) {
                logs.idle();
            }
        }
        assertThat(journal.firstIndex())
                .as("behind the beginning of the copy, but not behind it")
                .isEqualTo(4);
        try (SharedGroupLogs logs = over(journal)) {
            assertThat(logs.of("orders", STORE_ID).read(3, 9, Long.MAX_VALUE)).isEqualTo(entries(3, 7, 1));
        }
    }

    @Test
    @Tag("case-36")
    void aCopyThatIsNotFinishedKeepsTheJournalFromBeginningBehindItsBeginning() {
        try (Journal journal = new Journal(new MemoryLogStorage(), new JournalSize(SMALL.segmentBytes()))) {
            GroupState group = GroupState.begin(journal, "orders", STORE_ID, 1, () -> {});
            group.append(entries(1, 100, 1));
            group.beginCopy(2);
            long began = journal.lastIndex();
            assertThat(group.copySome(2_000)).isFalse();
            // What is left of the original lies behind that.
            group.append(entries(20, 50, 2));
            group.truncatePrefix(20);
            assertThat(group.firstNeeded()).isEqualTo(began);
            assertThat(group.copySome(Long.MAX_VALUE)).isTrue();
            assertThat(group.firstNeeded()).isGreaterThan(began);
            assertThat(group.read(20, 69, Long.MAX_VALUE)).isEqualTo(entries(20, 50, 2));
        }
    }

    @Test
    @Tag("case-30")
    void aFlippedBitInWhatIsReadIsNoticedAndTheFileNamed() throws IOException {
        SegmentLogStorage.create(directory);
        try (SharedGroupLogs logs = open(Syncer.DISK)) {
            LogStorage log = logs.of("one", STORE_ID);
            log.append(entries(1, 50, 1));
            log.sync();
            Path segment = SegmentFiles.list(directory).lastEntry().getValue();
            LogImages.flipBit(segment, 8L * 800);
            assertThatThrownBy(() -> log.read(1, 50, Long.MAX_VALUE))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(segment.toString());
        }
    }
}
