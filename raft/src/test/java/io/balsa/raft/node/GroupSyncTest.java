package io.balsa.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.Ready;
import io.balsa.raft.port.GroupLogs;
import io.balsa.raft.port.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many writers, one sync. */
class GroupSyncTest {
    private static final long PATIENCE_SECONDS = 30;

    /** Notes its syncs. */
    private static final class Noting implements GroupLogs {
        private int syncs;
        private int idles;
        private boolean hasIdleWork;
        private RuntimeException failure;

        @Override
        public void sync() {
            syncs++;
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public boolean hasIdleWork() {
            return hasIdleWork;
        }

        @Override
        public void idle() {
            idles++;
            if (failure != null) {
                throw failure;
            }
        }
    }

    private final Noting logs = new Noting();
    private final List<String> signals = new ArrayList<>();
    private long nowNanos = -5;
    private final GroupSync sync = new GroupSync(logs, () -> nowNanos, () -> signals.add("sync"));
    private final TestLog firstLog = new TestLog();
    private final TestLog secondLog = new TestLog();
    private final LogWriter first = writer(firstLog, "first");
    private final LogWriter second = writer(secondLog, "second");

    private LogWriter writer(TestLog log, String name) {
        LogWriter writer = new LogWriter(
                log,
                1 << 20,
                () -> nowNanos,
                () -> signals.add(name),
                () -> signals.add("driver of " + name),
                Optional.of(sync));
        writer.onStart();
        return writer;
    }

    private static void append(LogWriter writer, TestLog log, long sequence) {
        LogEntry entry = new LogEntry(log.lastIndex() + 1, 1, EntryType.COMMAND, 0, new byte[8]);
        writer.submit(new Ready.Append(sequence, List.of(entry)));
        assertThat(writer.doWork()).isPositive();
    }

    @Test
    void whatWasAppendedBeforeTheSyncIsDurableAfterIt() {
        append(first, firstLog, 1);
        append(first, firstLog, 2);
        append(second, secondLog, 7);
        assertThat(first.persistedSequence()).isZero();
        assertThat(second.persistedSequence()).isZero();
        signals.clear();
        assertThat(sync.doWork()).isEqualTo(3);
        assertThat(logs.syncs).isEqualTo(1);
        assertThat(firstLog.syncs() + secondLog.syncs()).isZero();
        assertThat(first.persistedSequence()).isEqualTo(2);
        assertThat(second.persistedSequence()).isEqualTo(7);
        assertThat(signals).contains("driver of first", "driver of second");
        assertThat(sync.doWork()).isZero();
        append(second, secondLog, 8);
        assertThat(second.persistedSequence()).isEqualTo(7);
        sync.doWork();
        assertThat(second.persistedSequence()).isEqualTo(8);
        assertThat(logs.syncs).isEqualTo(2);
    }

    @Test
    void whatIsNotDurableYetStillCounts() {
        LogWriter small = new LogWriter(firstLog, 100, () -> nowNanos, () -> {}, () -> {}, Optional.of(sync));
        LogEntry entry = new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[100]);
        small.submit(new Ready.Append(1, List.of(entry)));
        small.doWork();
        assertThat(small.isFull()).isTrue();
        sync.doWork();
        assertThat(small.isFull()).isFalse();
    }

    @Test
    void aSyncThatFailsHaltsAllWhoseLogsAreThere() {
        LogWriter gone = writer(new TestLog(), "gone");
        gone.onClose();
        append(first, firstLog, 1);
        logs.failure = new StorageException("the disk is gone");
        signals.clear();
        sync.doWork();
        assertThat(first.persistedSequence()).isZero();
        assertThat(signals).containsExactlyInAnyOrder("first", "second");
        for (LogWriter writer : List.of(first, second)) {
            assertThatThrownBy(writer::doWork)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("the disk is gone");
        }
        assertThat(gone.doWork()).isZero();
    }

    @Test
    void aWriteThatFailsHaltsAlsoThoseWhoHaveNothingToWrite() {
        TestLog failing = new TestLog() {
            @Override
            public void append(List<LogEntry> entries) {
                throw new StorageException("the disk is full");
            }
        };
        LogWriter third = writer(failing, "third");
        third.submit(new Ready.Append(1, List.of(new LogEntry(1, 1, EntryType.COMMAND, 0, new byte[8]))));
        signals.clear();
        assertThatThrownBy(third::doWork).hasMessageContaining("the disk is full");
        assertThat(signals).contains("first", "second");
        assertThatThrownBy(first::doWork).hasMessageContaining("the disk is full");
    }

    @Test
    void whatIsFreedWhileNobodyAppendsIsIdleWorkToo() {
        append(first, firstLog, 1);
        append(first, firstLog, 2);
        sync.doWork();
        assertThat(sync.idleNanos()).isEqualTo(Long.MAX_VALUE);
        logs.hasIdleWork = true;
        signals.clear();
        first.compactBelow(2);
        first.doWork();
        assertThat(signals).contains("sync");
        sync.doWork();
        assertThat(sync.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
    }

    @Test
    void idleWorkWaitsForAPauseAndItsFailureHaltsAllToo() {
        logs.hasIdleWork = true;
        append(first, firstLog, 1);
        sync.doWork();
        assertThat(sync.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        assertThat(sync.mayWait()).isTrue();
        assertThat(sync.doWork()).isZero();
        nowNanos += TimeUnit.MILLISECONDS.toNanos(10);
        assertThat(sync.doWork()).isPositive();
        assertThat(logs.idles).isEqualTo(1);
        // There is more, which waits for the next pause.
        assertThat(sync.idleNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        assertThat(first.idleNanos()).as("it is nobody else's work").isEqualTo(Long.MAX_VALUE);
        logs.failure = new StorageException("the disk is gone");
        nowNanos += TimeUnit.MILLISECONDS.toNanos(10);
        sync.doWork();
        assertThatThrownBy(second::doWork).hasMessageContaining("the disk is gone");
    }

    /** One thread has the duties, another syncs: it is woken once for all of them. */
    @Test
    void aSyncOnAnotherThreadWaitsUntilTheOthersHadTheirTurns() {
        AtomicInteger rounds = new AtomicInteger();
        List<Integer> seen = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> failed = new CompletableFuture<>();
        CompletableFuture<Void> synced = new CompletableFuture<>();
        try (SharedDutyRunner runner = new SharedDutyRunner("test", 1)) {
            DutySlot slot = runner.syncSlot();
            slot.start(
                    duty(() -> {
                        if (rounds.get() > 0) {
                            seen.add(rounds.get());
                            synced.complete(null);
                        }
                    }),
                    failed::completeExceptionally);
            DutySlot driver = runner.slot("driver");
            driver.start(
                    duty(() -> {
                        runner.signalAfterTurns(slot);
                        // Whoever is signalled at once may see this or not.
                        rounds.set(1);
                    }),
                    failed::completeExceptionally);
            assertThat(synced).succeedsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(failed).isNotDone();
        assertThat(seen).contains(1);
    }

    private static DutyCycle duty(Runnable round) {
        return new DutyCycle() {
            @Override
            public int doWork() {
                round.run();
                return 0;
            }

            @Override
            public long idleNanos() {
                return Long.MAX_VALUE;
            }
        };
    }
}
