package io.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a log keeps in memory. */
class RaftLogTest {
    private static final int MAX_CACHED_BYTES = 10_000;
    private static final int ENTRY_BYTES = 1_000;

    private final Stored stored = new Stored();
    private final RaftLog log = new RaftLog(stored, Optional.empty(), options());

    private static CoreOptions options() {
        CoreOptions usual = CoreCluster.usualOptions(1).get(0);
        return new CoreOptions(
                usual.self(),
                usual.initialConfiguration(),
                usual.heartbeatMillis(),
                usual.electionTimeoutMillis(),
                usual.seed(),
                usual.maxMessageBytes(),
                usual.maxInflightMessages(),
                usual.maxGatheringMillis(),
                usual.maxUncommittedBytes(),
                usual.maxPendingReads(),
                MAX_CACHED_BYTES,
                usual.electionPriority(),
                usual.maxClockDriftPercent());
    }

    private void append(int entries) {
        for (int i = 0; i < entries; i++) {
            log.append(List.of(new LogEntry(log.lastIndex() + 1, 1, EntryType.COMMAND, 1, new byte[ENTRY_BYTES])));
        }
        Ready.Append append = log.takeAppend().orElseThrow();
        stored.entries.addAll(append.entries());
        log.persisted(append.sequence());
    }

    @Test
    void whatIsDurableAndCommittedLeavesMemoryAlsoWhenTheStateMachineLags() {
        List<LogEntry> applied = new ArrayList<>(log.takeCommitted());
        for (int round = 0; round < 100; round++) {
            append(5);
            log.commitTo(log.lastIndex());
            applied.addAll(log.takeCommitted()); // Given out as far as there is room, and never applied.
            assertThat(log.cachedBytes()).isLessThan(2 * MAX_CACHED_BYTES);
        }
        assertThat(applied).hasSizeLessThan(30);

        // It catches up, with what is read from the disk again.
        while (applied.size() < 500) {
            log.applied(applied.size());
            applied.addAll(log.takeCommitted());
        }
        assertThat(applied).isEqualTo(stored.entries);
    }

    @Test
    void whatIsNotCommittedStaysInMemory() {
        append(100);
        assertThat(log.cachedBytes()).isGreaterThan(100 * ENTRY_BYTES);
        log.commitTo(50);
        append(1);
        assertThat(log.cachedBytes()).isBetween(51L * ENTRY_BYTES, 60L * ENTRY_BYTES);
    }

    /** The disk. */
    private static final class Stored implements LogReader {
        private final List<LogEntry> entries = new ArrayList<>();

        @Override
        public long firstIndex() {
            return 1;
        }

        @Override
        public long lastIndex() {
            return entries.size();
        }

        @Override
        public long termAt(long index) {
            return entries.get((int) index - 1).term();
        }

        @Override
        public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
            List<LogEntry> read = new ArrayList<>();
            long bytes = 0;
            for (LogEntry entry : entries.subList((int) fromIndex - 1, (int) toIndex)) {
                bytes += entry.sizeInBytes();
                if (bytes > maxBytes && !read.isEmpty()) {
                    break;
                }
                read.add(entry);
            }
            return read;
        }

        @Override
        public List<LogEntry> configurations() {
            return List.of();
        }
    }
}
