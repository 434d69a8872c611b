package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.balsa.raft.port.LogStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of a disk the logs of many groups take, whatever each of them does. */
class SharedGroupLogsCompactionTest {
    private static final SegmentedLogStorage.Options SMALL =
            new SegmentedLogStorage.Options(64 << 10, 4096).findingEntries();
    private static final String STORE_ID = "00112233445566778899aabbccddeeff";

    /** The two that a journal may have too many, the one that is written to, spares, and what one step is late. */
    private static final long SPARED_BYTES = 7L * SMALL.segmentBytes();

    @TempDir
    Path directory;

    private SharedGroupLogs logs;

    @BeforeEach
    void create() {
        SegmentLogStorage.create(directory);
        open();
    }

    private void open() {
        logs = SharedGroupLogs.open(
                SegmentLogStorage.open(directory, SMALL, Syncer.DISK), "test", STORE_ID, SMALL.segmentBytes());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    private long bytesOnDisk() throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static void appendTo(LogStorage log, int batches) {
        for (int batch = 0; batch < batches; batch++) {
            log.append(entries(log.lastIndex() + 1, 100, 1));
            log.sync();
        }
    }

    private static void assertWhole(LogStorage log, long first, long last) {
        assertThat(log.firstIndex()).isEqualTo(first);
        assertThat(log.read(first, last, Long.MAX_VALUE)).isEqualTo(entries(first, (int) (last - first + 1), 1));
        assertThat(log.lastIndex()).isEqualTo(last);
    }

    @Test
    @Tag("case-35")
    void aGroupThatRestsDoesNotKeepTheDiskFull() throws IOException {
        LogStorage resting = logs.of("resting", STORE_ID);
        LogStorage empty = logs.of("empty", STORE_ID);
        LogStorage busy = logs.of("busy", STORE_ID);
        appendTo(resting, 3);
        appendTo(empty, 1);
        empty.truncatePrefix(101);
        for (int round = 0; round < 200; round++) {
            appendTo(busy, 5);
            busy.truncatePrefix(busy.lastIndex() - 20);
            logs.idle();
            assertThat(bytesOnDisk()).isLessThan(SPARED_BYTES);
        }
        logs.close();
        open();
        assertWhole(logs.of("resting", STORE_ID), 1, 300);
        assertWhole(logs.of("busy", STORE_ID), 100_000 - 20, 100_000);
        LogStorage reopened = logs.of("empty", STORE_ID);
        assertThat(reopened.firstIndex()).isEqualTo(101);
        assertThat(reopened.lastIndex()).isEqualTo(100);
    }

    @Test
    void whoNeverRestsIsCompactedToo() throws IOException {
        LogStorage resting = logs.of("resting", STORE_ID);
        LogStorage busy = logs.of("busy", STORE_ID);
        appendTo(resting, 3);
        for (int round = 0; round < 100; round++) {
            appendTo(busy, 5);
            busy.truncatePrefix(busy.lastIndex() - 20);
            assertThat(bytesOnDisk()).isLessThan(2 * SPARED_BYTES);
        }
        assertWhole(resting, 1, 300);
    }

    /** All groups hold on to much: there is nothing to be gained, so nothing is copied. */
    @Test
    void whatIsNeededStaysWhereItIs() throws IOException {
        List<LogStorage> groups = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            groups.add(logs.of("g" + i, STORE_ID));
        }
        for (int round = 0; round < 20; round++) {
            groups.forEach(log -> appendTo(log, 1));
            while (logs.hasIdleWork()) {
                logs.idle();
            }
        }
        assertThat(SegmentFiles.list(directory).firstKey()).isEqualTo(1);
        groups.forEach(log -> assertWhole(log, 1, 2000));
    }

    @Test
    void theLogOfAGroupThatWasRemovedTakesNoRoom() throws IOException {
        LogStorage leaving = logs.of("leaving", STORE_ID);
        LogStorage staying = logs.of("staying", STORE_ID);
        appendTo(leaving, 100);
        appendTo(staying, 1);
        long before = bytesOnDisk();
        leaving.close();
        logs.remove("leaving");
        while (logs.hasIdleWork()) {
            logs.idle();
        }
        assertThat(before).isGreaterThan(SPARED_BYTES);
        assertThat(bytesOnDisk()).isLessThan(SPARED_BYTES);
        assertThat(logs.groups()).containsExactly("staying");
        logs.close();
        open();
        assertThat(logs.groups()).containsExactly("staying");
        assertWhole(logs.of("staying", STORE_ID), 1, 100);
        LogStorage again = logs.of("leaving", STORE_ID.replace('0', '1'));
        assertThat(again.lastIndex()).isZero();
    }

    /** What is copied may be read, written on, superseded, cut and reset meanwhile. */
    @Test
    void groupsGoOnWhileTheyAreCopied() throws Exception {
        int groups = 4;
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(groups + 2);
        try {
            List<Future<?>> results = new ArrayList<>();
            LogStorage pinning = logs.of("pinning", STORE_ID);
            appendTo(pinning, 20);
            for (int i = 0; i < groups; i++) {
                LogStorage log = logs.of("g" + i, STORE_ID);
                int group = i;
                results.add(threads.submit(() -> write(log, group)));
            }
            Future<?> compactor = threads.submit(() -> {
                while (!done.get()) {
                    logs.idle();
                }
            });
            Future<?> reader = threads.submit(() -> {
                while (!done.get()) {
                    assertWhole(pinning, 1, 2000);
                }
            });
            for (Future<?> result : results) {
                result.get(60, TimeUnit.SECONDS);
            }
            done.set(true);
            compactor.get(60, TimeUnit.SECONDS);
            reader.get(60, TimeUnit.SECONDS);
        } finally {
            done.set(true);
            threads.shutdown();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(SegmentFiles.list(directory).firstKey()).isGreaterThan(1);
        logs.close();
        open();
        assertWhole(logs.of("pinning", STORE_ID), 1, 2000);
        for (int i = 0; i < groups; i++) {
            assertIsAsWritten(logs.of("g" + i, STORE_ID), i);
        }
    }

    private static final int ROUNDS = 300;

    private static void write(LogStorage log, int group) {
        for (int round = 1; round <= ROUNDS; round++) {
            log.append(entries(log.lastIndex() + 1, 50, round));
            if (round % 3 == group % 3) {
                long from = Math.max(log.firstIndex(), log.lastIndex() - 30);
                log.append(entries(from, 10, round));
            }
            if (round % 7 == 0) {
                log.truncatePrefix(Math.max(log.firstIndex(), log.lastIndex() - 200));
            }
            if (round % 50 == 13) {
                log.reset(log.lastIndex() + 5);
            }
            if (round % 4 == 0) {
                log.sync();
            }
            long first = log.firstIndex();
            if (log.lastIndex() >= first) {
                assertThat(log.read(first, log.lastIndex(), Long.MAX_VALUE))
                        .hasSize((int) (log.lastIndex() - first + 1));
            }
        }
        log.sync();
    }

    /** As on one thread and alone. */
    private static void assertIsAsWritten(LogStorage log, int group) {
        MemoryLogStorage model = new MemoryLogStorage();
        write(model, group);
        assertThat(log.firstIndex()).isEqualTo(model.firstIndex());
        assertThat(log.read(log.firstIndex(), log.lastIndex(), Long.MAX_VALUE))
                .isEqualTo(model.read(model.firstIndex(), model.lastIndex(), Long.MAX_VALUE));
    }
}
