package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static io.balsa.raft.adapter.Entries.entry;
import static io.balsa.raft.adapter.Entries.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.InvariantViolation;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every log storage must do. Each adapter runs it. */
public abstract class LogStorageContract {
    protected LogStorage log;

    /** A new, empty log. */
    protected abstract LogStorage create();

    /** Closes the log if it can be closed, and opens what it stored. */
    protected abstract LogStorage reopen(LogStorage opened);

    @BeforeEach
    void createLog() {
        log = create();
    }

    @AfterEach
    void closeLog() {
        log.close();
        log.close();
    }

    private void reopen() {
        log = reopen(log);
    }

    private List<LogEntry> readAll() {
        return log.read(log.firstIndex(), log.lastIndex(), Long.MAX_VALUE);
    }

    @Test
    void anEmptyLogBeginsAtOne() {
        assertThat(log.firstIndex()).isEqualTo(1);
        assertThat(log.lastIndex()).isZero();
        reopen();
        assertThat(log.firstIndex()).isEqualTo(1);
        assertThat(log.lastIndex()).isZero();
    }

    @Test
    void whatWasAppendedCanBeReadAtOnce() {
        log.append(entries(1, 3, 1));
        assertThat(log.lastIndex()).isEqualTo(3);
        assertThat(readAll()).isEqualTo(entries(1, 3, 1));
        log.append(entries(4, 1, 2));
        assertThat(log.read(3, 4, Long.MAX_VALUE)).containsExactly(entry(3, 1), entry(4, 2));
        assertThat(log.termAt(3)).isEqualTo(1);
        assertThat(log.termAt(4)).isEqualTo(2);
    }

    @Test
    void everyFieldOfAnEntryComesBack() {
        List<LogEntry> all = new ArrayList<>();
        for (EntryType type : EntryType.values()) {
            all.add(new LogEntry(all.size() + 1, 7, type, 1_234_567_890_123L + all.size(), new byte[] {1, -2, 3}));
        }
        all.add(new LogEntry(all.size() + 1, Long.MAX_VALUE, EntryType.NO_OP, Long.MAX_VALUE, new byte[0]));
        log.append(all);
        assertThat(readAll()).isEqualTo(all);
        log.sync();
        reopen();
        assertThat(readAll()).isEqualTo(all);
    }

    @Test
    void whatWasSyncedIsThereAfterReopen() {
        log.append(entries(1, 10, 1));
        log.append(entries(11, 5, 3));
        log.sync();
        reopen();
        assertThat(log.lastIndex()).isEqualTo(15);
        List<LogEntry> expected = new ArrayList<>(entries(1, 10, 1));
        expected.addAll(entries(11, 5, 3));
        assertThat(readAll()).isEqualTo(expected);
        assertThat(log.termAt(10)).isEqualTo(1);
        assertThat(log.termAt(11)).isEqualTo(3);
        log.append(entries(16, 2, 4));
        log.sync();
        reopen();
        expected.addAll(entries(16, 2, 4));
        assertThat(readAll()).isEqualTo(expected);
    }

    @Test
    @Tag("case-16")
    void anAppendSupersedesWhatWasAtAndAboveItsFirstIndex() {
        log.append(entries(1, 10, 1));
        log.append(entries(4, 2, 2));
        assertSuperseded();
        log.sync();
        reopen();
        assertSuperseded();
    }

    private void assertSuperseded() {
        assertThat(log.lastIndex()).isEqualTo(5);
        assertThat(readAll()).containsExactly(entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 2), entry(5, 2));
        assertThat(log.termAt(3)).isEqualTo(1);
        assertThat(log.termAt(4)).isEqualTo(2);
        assertThatThrownBy(() -> log.termAt(6)).isInstanceOf(InvariantViolation.class);
    }

    @Test
    @Tag("case-16")
    void aSupersededSuffixStaysRemovedHoweverOften() {
        log.append(entries(1, 5, 1));
        log.sync();
        log.append(entries(1, 5, 2));
        log.sync();
        log.append(entries(6, 5, 2));
        log.append(entries(6, 1, 3));
        log.append(entries(7, 1, 3));
        log.append(entries(7, 1, 4));
        log.sync();
        reopen();
        assertThat(log.lastIndex()).isEqualTo(7);
        assertThat(readAll().stream().map(LogEntry::term)).containsExactly(2L, 2L, 2L, 2L, 2L, 3L, 4L);
        log.append(entries(2, 1, 5));
        log.sync();
        reopen();
        assertThat(readAll().stream().map(LogEntry::term)).containsExactly(2L, 5L);
    }

    @Test
    void aReadStopsBeforeTheBytesThatItMayNotExceed() {
        log.append(entries(1, 10, 1));
        int size = entry(1, 1).sizeInBytes();
        assertThat(log.read(2, 9, 3L * size)).isEqualTo(entries(2, 3, 1));
        assertThat(log.read(2, 9, 3L * size - 1)).isEqualTo(entries(2, 2, 1));
        assertThat(log.read(2, 9, 1)).isEqualTo(entries(2, 1, 1));
        assertThat(log.read(2, 3, Long.MAX_VALUE)).isEqualTo(entries(2, 2, 1));
    }

    @Test
    void onlyWhatIsInTheLogMayBeAskedFor() {
        assertThatThrownBy(() -> log.read(1, 1, 100)).isInstanceOf(InvariantViolation.class);
        log.append(entries(1, 3, 1));
        assertThatThrownBy(() -> log.read(0, 1, 100)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.read(3, 4, 100)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.read(3, 2, 100)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.termAt(0)).isInstanceOf(InvariantViolation.class);
    }

    @Test
    void anAppendWithAGapIsRefused() {
        log.append(entries(1, 3, 1));
        assertThatThrownBy(() -> log.append(entries(5, 1, 1))).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.append(List.of(entry(4, 1), entry(6, 1)))).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.append(List.of())).isInstanceOf(InvariantViolation.class);
        assertThat(readAll()).isEqualTo(entries(1, 3, 1));
    }

    @Test
    void readersGetListsThatNobodyChanges() {
        log.append(entries(1, 3, 1));
        List<LogEntry> read = readAll();
        log.append(entries(2, 1, 2));
        assertThat(read).isEqualTo(entries(1, 3, 1));
        assertThatThrownBy(() -> read.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void largeEntriesAndLargeBatchesComeBack() {
        List<LogEntry> batch = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            batch.add(large(i, 1, i * 5_000));
        }
        batch.add(large(41, 1, 3 << 20));
        log.append(batch);
        assertThat(readAll()).isEqualTo(batch);
        log.sync();
        reopen();
        assertThat(readAll()).isEqualTo(batch);
        assertThat(log.read(17, 23, Long.MAX_VALUE)).isEqualTo(batch.subList(16, 23));
    }

    private void fill(long firstIndex, int batches, long term) {
        for (int batch = 0; batch < batches; batch++) {
            log.append(entries(firstIndex + batch * 20L, 20, term));
        }
    }

    @Test
    @Tag("case-35")
    void whatIsLeftOfATruncatedLogHasNoGapAndStaysSo() {
        fill(1, 100, 1);
        log.sync();
        long before = log.firstIndex();
        for (long keep : new long[] {1, 700, 1500, 1500, 1990}) {
            log.truncatePrefix(keep);
            assertThat(log.firstIndex()).isBetween(before, keep);
            before = log.firstIndex();
            reopen();
            assertThat(log.firstIndex()).isEqualTo(before);
            assertThat(log.lastIndex()).isEqualTo(2000);
            assertThat(readAll()).isEqualTo(entries(before, (int) (2001 - before), 1));
        }
        assertThat(before).as("a log of many segments gets shorter").isGreaterThan(1000);
        long gone = before - 1;
        assertThatThrownBy(() -> log.termAt(gone)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.read(gone, 2000, 100)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.append(entries(gone, 1, 2))).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.truncatePrefix(gone)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> log.truncatePrefix(2002)).isInstanceOf(InvariantViolation.class);
        log.append(entries(before, 1, 2));
        assertThat(log.lastIndex()).isEqualTo(before);
        log.append(entries(before + 1, 5, 2));
        log.sync();
        reopen();
        assertThat(readAll()).isEqualTo(entries(before, 6, 2));
    }

    @Test
    void aLogOfWhichNothingIsNeededGoesOnAfterItsLastEntry() {
        fill(1, 3, 1);
        log.truncatePrefix(61);
        assertThat(log.lastIndex()).isEqualTo(60);
        reopen();
        assertThat(log.lastIndex()).isEqualTo(60);
        log.truncatePrefix(61);
        log.append(entries(61, 2, 2));
        log.sync();
        reopen();
        assertThat(log.lastIndex()).isEqualTo(62);
        assertThat(log.read(61, 62, Long.MAX_VALUE)).isEqualTo(entries(61, 2, 2));
    }

    @Test
    @Tag("case-35")
    void aResetLogIsEmptyAndBeginsWhereItIsTold() {
        fill(1, 30, 1);
        log.reset(5000);
        assertThat(log.firstIndex()).isEqualTo(5000);
        assertThat(log.lastIndex()).isEqualTo(4999);
        reopen();
        assertThat(log.firstIndex()).isEqualTo(5000);
        assertThat(log.lastIndex()).isEqualTo(4999);
        assertThat(log.configurations()).isEmpty();
        assertThatThrownBy(() -> log.append(entries(601, 1, 1))).isInstanceOf(InvariantViolation.class);
        fill(5000, 30, 4);
        log.sync();
        reopen();
        assertThat(readAll()).isEqualTo(entries(5000, 600, 4));
        log.reset(3);
        log.append(entries(3, 2, 5));
        log.sync();
        reopen();
        assertThat(readAll()).isEqualTo(entries(3, 2, 5));
    }

    @Test
    void configurationsAreFoundAsLongAsTheyAreInTheLog() {
        List<LogEntry> changes = new ArrayList<>();
        for (int index = 1; index <= 2000; index += 20) {
            List<LogEntry> batch = new ArrayList<>(entries(index, 20, 1));
            if (index % 100 == 1) {
                changes.add(new LogEntry(index + 7L, 1, EntryType.CONFIGURATION, 1, new byte[] {(byte) index}));
                batch.set(7, changes.get(changes.size() - 1));
            }
            log.append(batch);
        }
        assertThat(log.configurations()).isEqualTo(changes);
        log.append(entries(1901, 1, 2));
        changes.remove(changes.size() - 1);
        log.sync();
        reopen();
        assertThat(log.configurations()).isEqualTo(changes);
        log.truncatePrefix(1500);
        changes.removeIf(change -> change.index() < log.firstIndex());
        assertThat(log.configurations()).isEqualTo(changes);
        reopen();
        assertThat(log.configurations()).isEqualTo(changes);
    }

    @Test
    void aLogThatIsDrivenAtRandomIsAsItsModel() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<LogEntry> model = new ArrayList<>();
        long first = 1;
        long term = 1;
        for (int step = 0; step < 500; step++) {
            int action = random.nextInt(24);
            if (action == 0) {
                log.sync();
                reopen();
            } else if (action < 4) {
                log.sync();
            } else if (action < 6) {
                log.truncatePrefix(first + random.nextInt(model.size() + 1));
                assertThat(log.firstIndex()).as("seed %d step %d", seed, step).isGreaterThanOrEqualTo(first);
                model.subList(0, (int) (log.firstIndex() - first)).clear();
                first = log.firstIndex();
            } else if (action == 6 && random.nextInt(4) == 0) {
                first = 1L + random.nextInt(10_000);
                model.clear();
                log.reset(first);
            } else {
                boolean supersedes = action < 9;
                term += supersedes ? 1 : 0;
                int keep = supersedes ? random.nextInt(model.size() + 1) : model.size();
                List<LogEntry> batch = entries(first + keep, 1 + random.nextInt(60), term);
                model.subList(keep, model.size()).clear();
                model.addAll(batch);
                log.append(batch);
            }
            assertThat(log.firstIndex()).as("seed %d step %d", seed, step).isEqualTo(first);
            assertThat(log.lastIndex()).as("seed %d step %d", seed, step).isEqualTo(first + model.size() - 1);
            if (!model.isEmpty()) {
                int from = random.nextInt(model.size());
                int to = from + random.nextInt(model.size() - from);
                assertThat(log.read(first + from, first + to, Long.MAX_VALUE))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(model.subList(from, to + 1));
                assertThat(log.termAt(first + from)).isEqualTo(model.get(from).term());
            }
        }
    }

    @Test
    void threadsReadWhileAnotherAppends() throws Exception {
        AtomicLong readable = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService readers = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                Random random = new Random(reader);
                results.add(readers.submit(() -> {
                    while (!done.get()) {
                        long last = readable.get();
                        if (last > 0) {
                            long from = 1 + random.nextLong(last);
                            for (LogEntry read : log.read(from, last, 10_000)) {
                                assertThat(read).isEqualTo(entry(read.index(), 1));
                            }
                            assertThat(log.termAt(last)).isEqualTo(1);
                        }
                    }
                }));
            }
            for (int batch = 0; batch < 300; batch++) {
                log.append(entries(batch * 10L + 1, 10, 1));
                readable.set(log.lastIndex());
                if (batch % 10 == 0) {
                    log.sync();
                }
            }
            done.set(true);
            for (Future<?> result : results) {
                result.get(30, TimeUnit.SECONDS);
            }
        } finally {
            done.set(true);
            readers.shutdown();
            assertThat(readers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void readersNeverSeeOldAndNewMixedUpWhileASuffixIsSuperseded() throws Exception {
        log.append(entries(1, 20, 1));
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService readers = Executors.newSingleThreadExecutor();
        try {
            Future<?> result = readers.submit(() -> {
                while (!done.get()) {
                    List<LogEntry> read = log.read(6, 20, Long.MAX_VALUE);
                    for (LogEntry each : read) {
                        assertThat(each).isEqualTo(entry(each.index(), each.term()));
                    }
                }
            });
            for (int term = 2; term < 200; term++) {
                log.append(entries(6, 15, term));
            }
            done.set(true);
            result.get(30, TimeUnit.SECONDS);
        } finally {
            done.set(true);
            readers.shutdown();
            assertThat(readers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
