package io.balsa.raft.adapter;

import static io.balsa.raft.adapter.Entries.entries;
import static io.balsa.raft.adapter.Entries.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.core.InvariantViolation;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on a disk that fails or is full, and what it leaves behind in its process. */
abstract class SegmentedLogFailureContract {
    static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    final LogStorageKind kind;

    @TempDir
    Path temporary;

    SegmentedLogFailureContract(LogStorageKind kind) {
        this.kind = kind;
    }

    /** Fails the syncs of one kind of file from a certain one on. */
    private static final class FailingSyncer implements Syncer {
        private String suffix = "never";

        @Override
        public void force(FileChannel channel, Path file) throws IOException {
            if (file.toString().endsWith(suffix)) {
                throw new IOException("Input/output error");
            }
            channel.force(false);
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncOfTheDataOrTheMarkIsFinal() {
        for (String suffix : List.of(suffix(), "mark")) {
            Path directory = temporary.resolve("log-of-" + suffix.replace(".", ""));
            FailingSyncer syncer = new FailingSyncer();
            SegmentedLogStorage.create(directory);
            try (SegmentedLogStorage log = kind.open(directory, SMALL, syncer)) {
                log.append(entries(1, 3, 1));
                log.sync();
                log.append(entries(4, 3, 1));
                syncer.suffix = suffix;
                assertThatThrownBy(() -> {
                            log.sync();
                            log.idle();
                        })
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining(directory.toString())
                        .hasMessageContaining("Input/output error");
                syncer.suffix = "never";
                assertThatThrownBy(log::sync)
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("failed before");
                assertThatThrownBy(log::idle).hasMessageContaining("failed before");
                assertThatThrownBy(() -> log.append(entries(7, 1, 1))).isInstanceOf(StorageException.class);
            }
            try (SegmentedLogStorage log = kind.open(directory, SMALL, Syncer.DISK)) {
                assertThat(log.read(1, 3, Long.MAX_VALUE)).isEqualTo(entries(1, 3, 1));
            }
        }
    }

    @Test
    @Tag("case-28")
    void aFailedSyncBetweenSegmentsIsFinal() {
        for (String suffix : List.of(suffix(), "mark")) {
            Path directory = temporary.resolve("log-of-" + suffix.replace(".", ""));
            FailingSyncer syncer = new FailingSyncer();
            SegmentedLogStorage.create(directory);
            try (SegmentedLogStorage log = kind.open(directory, SMALL, syncer)) {
                log.append(List.of(large(1, 1, 12 << 10)));
                syncer.suffix = suffix;
                assertThatThrownBy(() -> log.append(List.of(large(2, 1, 12 << 10))))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("Input/output error");
                syncer.suffix = "never";
                assertThatThrownBy(log::sync).isInstanceOf(StorageException.class);
            }
        }
    }

    @Test
    @Tag("case-28")
    void aMarkThatCannotBeMovedOnCloseIsSaidAndEverythingIsClosed() {
        FailingSyncer syncer = new FailingSyncer();
        SegmentedLogStorage.create(temporary);
        SegmentedLogStorage log = kind.open(temporary, SMALL, syncer);
        log.append(entries(1, 3, 1));
        log.sync();
        log.append(entries(4, 3, 1));
        log.sync();
        syncer.suffix = "mark";
        assertThatThrownBy(log::close)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(temporary.toString())
                .hasMessageContaining("Input/output error");
        log.close();
        try (SegmentedLogStorage again = kind.open(temporary, SMALL, Syncer.DISK)) {
            assertThat(again.read(1, 6, Long.MAX_VALUE)).isEqualTo(entries(1, 6, 1));
        }
    }

    /** Appends and syncs until the disk fails; exits 3 when that was said. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            try (SegmentedLogStorage log = LogStorageKind.valueOf(arguments[1])
                    .open(Path.of(arguments[0]), SegmentedLogStorage.Options.DEFAULT, Syncer.DISK)) {
                System.out.println("opened");
                for (int batch = 0; batch < 1000; batch++) {
                    log.append(entries(log.lastIndex() + 1, 5, 1));
                    log.sync();
                    System.out.println("synced " + log.lastIndex());
                }
            } catch (StorageException e) {
                System.out.println("failed " + e.getMessage());
                System.exit(3);
            }
        }
    }

    @Test
    @Tag("case-28")
    void anErrorOfTheDiskItselfReachesTheCaller() throws Exception {
        assumeTrue(canTrace(), "strace, which makes the system call fail, is not there or not allowed");
        SegmentedLogStorage.create(temporary);
        List<String> strace = List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                temporary.resolve("strace").toString(),
                "-e",
                "trace=fdatasync",
                "-e",
                "inject=fdatasync:error=EIO:when=41+");
        try (ChildJvm writer = ChildJvm.start(strace, flags(), Writer.class, temporary.toString(), kind.name())) {
            ChildJvm.Ended ended = writer.await();
            assertThat(ended.output())
                    .contains("failed cannot sync " + temporary)
                    .contains("Input/output error");
            assertThat(ended.exitCode()).isEqualTo(3);
            long acknowledged = ended.output()
                            .lines()
                            .filter(line -> line.startsWith("synced"))
                            .count()
                    * 5;
            assertThat(acknowledged).isPositive();
            try (SegmentedLogStorage log = kind.open(temporary, SegmentedLogStorage.Options.DEFAULT, Syncer.DISK)) {
                assertThat(log.read(1, acknowledged, Long.MAX_VALUE)).isEqualTo(entries(1, (int) acknowledged, 1));
            }
        }
    }

    private static boolean canTrace() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @Tag("case-34")
    void aFullDiskIsSaidToBeFull() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0,
                "a small file system to fill can only be mounted by root");
        try {
            Path directory = disk.resolve("log");
            SegmentedLogStorage.create(directory);
            long acknowledged = fill(directory);
            assertThat(acknowledged).isPositive();
            assertThatThrownBy(() -> kind.open(directory, SegmentedLogStorage.Options.DEFAULT, Syncer.DISK))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("disk full");
            assertThat(run("mount", "-o", "remount,size=8m", disk.toString())).isZero();
            try (SegmentedLogStorage log = kind.open(directory, SegmentedLogStorage.Options.DEFAULT, Syncer.DISK)) {
                assertThat(log.lastIndex()).isGreaterThanOrEqualTo(acknowledged);
                assertThat(log.read(acknowledged, acknowledged, 1)).containsExactly(large(acknowledged, 1, 10_000));
            }
        } finally {
            assertThat(run("umount", disk.toString())).isZero();
        }
    }

    private long fill(Path directory) {
        long acknowledged = 0;
        try (SegmentedLogStorage log = kind.open(directory, SMALL, Syncer.DISK)) {
            for (long index = 1; index < 1000; index++) {
                List<LogEntry> next = List.of(large(index, 1, 10_000));
                try {
                    log.append(next);
                    log.sync();
                    acknowledged = index;
                } catch (StorageException e) {
                    assertThat(e).hasMessageContaining("disk full").hasMessageContaining(directory.toString());
                    return acknowledged;
                }
            }
        }
        throw new AssertionError("the disk is not full after " + acknowledged + " entries");
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    @Test
    void aPayloadThatNoSegmentTakesIsRefusedBeforeAnythingIsWritten() {
        SegmentedLogStorage.create(temporary);
        try (SegmentedLogStorage log = kind.open(temporary, SMALL, Syncer.DISK)) {
            log.append(List.of(large(1, 1, SegmentedLogStorage.MAX_PAYLOAD_BYTES)));
            assertThatThrownBy(() -> log.append(List.of(large(2, 1, SegmentedLogStorage.MAX_PAYLOAD_BYTES + 1))))
                    .isInstanceOf(InvariantViolation.class);
            log.append(List.of(large(2, 1, 10)));
            log.sync();
            assertThat(log.read(1, 2, Long.MAX_VALUE)).hasSize(2);
        }
    }

    @Test
    void aLogMayBeOpenedAppendedAndClosedByDifferentThreads() throws Exception {
        SegmentedLogStorage.create(temporary);
        ExecutorService first = Executors.newSingleThreadExecutor();
        ExecutorService second = Executors.newSingleThreadExecutor();
        try {
            SegmentedLogStorage log =
                    first.submit(() -> kind.open(temporary, SMALL, Syncer.DISK)).get();
            Callable<Void> write = () -> {
                log.append(entries(1, 500, 1));
                log.append(entries(501, 500, 1));
                log.sync();
                return null;
            };
            second.submit(write).get();
            assertThat(log.read(1, 1000, Long.MAX_VALUE)).hasSize(1000);
            log.close();
        } finally {
            first.shutdown();
            second.shutdown();
            assertThat(first.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(second.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anInterruptedReaderDisturbsNobody() throws Exception {
        SegmentedLogStorage.create(temporary);
        try (SegmentedLogStorage log = kind.open(temporary, SMALL, Syncer.DISK)) {
            log.append(entries(1, 10, 1));
            ExecutorService reader = Executors.newSingleThreadExecutor();
            try {
                Callable<Boolean> interruptedRead = () -> {
                    Thread.currentThread().interrupt();
                    assertThat(log.read(1, 10, Long.MAX_VALUE)).isEqualTo(entries(1, 10, 1));
                    return Thread.interrupted();
                };
                assertThat(reader.submit(interruptedRead).get()).isTrue();
            } finally {
                reader.shutdown();
                assertThat(reader.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(log.read(1, 10, Long.MAX_VALUE)).isEqualTo(entries(1, 10, 1));
        }
    }

    @Test
    void aLogPrintsNothingAndLeavesNoThread() throws Exception {
        SegmentedLogStorage.create(temporary);
        ChildJvm.Ended ended = ChildJvm.run(flags(), Quiet.class, temporary.toString(), kind.name());
        assertThat(ended.exitCode()).isZero();
        List<String> lines = ended.output()
                .lines()
                .filter(line -> !line.matches(".* (DEBUG|INFO) net\\.openhft\\..*"))
                .filter(line -> !isWarningOfNewerJdk(line))
                .toList();
        assertThat(lines).containsExactly("done");
    }

    /** JDK 24 and later warn about native access and Unsafe of any library; only flags that JDK 17 lacks end that. */
    private static boolean isWarningOfNewerJdk(String line) {
        return Runtime.version().feature() >= 24 && (line.isBlank() || line.startsWith("WARNING: "));
    }

    /** Uses a log, and says which threads are there when it is closed. */
    static final class Quiet {
        private Quiet() {}

        public static void main(String[] arguments) {
            try (SegmentedLogStorage log =
                    LogStorageKind.valueOf(arguments[1]).open(Path.of(arguments[0]), SMALL, Syncer.DISK)) {
                for (int batch = 0; batch < 100; batch++) {
                    log.append(entries(log.lastIndex() + 1, 20, 1));
                    log.sync();
                }
            }
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread != Thread.currentThread())
                    .filter(thread ->
                            thread.getThreadGroup() == Thread.currentThread().getThreadGroup())
                    .forEach(thread -> System.out.println("left behind: " + thread));
            System.out.println("done");
        }
    }

    /** What a JVM needs on its command line. */
    private List<String> flags() {
        return kind == LogStorageKind.CHRONICLE ? RuntimeFlags.needed() : List.of();
    }

    /** How the name of a segment ends that is written to. */
    private String suffix() {
        return kind == LogStorageKind.CHRONICLE ? ".cq4" : ".segment";
    }
}
