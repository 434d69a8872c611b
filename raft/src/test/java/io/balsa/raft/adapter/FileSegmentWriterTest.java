package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.balsa.raft.adapter.SegmentedLogStorage.Options;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSegmentWriterTest {
    private static final int SALT = 5;
    private static final int SEGMENT_BYTES = 64 << 20;

    @TempDir
    Path directory;

    /** Records of all lengths that a block can be cut at, each beginning where the one before has ended. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void recordsMayEndAnywhereInABlock(boolean direct) throws Exception {
        LogRecordEncoder encoder = new LogRecordEncoder(SALT);
        List<LogEntry> written = new ArrayList<>();
        try (FileSegmentWriter writer = writer(direct)) {
            for (int i = 0; i < 2 * DirectWrites.BLOCK_BYTES; i++) {
                byte[] payload = new byte[i];
                Arrays.fill(payload, (byte) (i | 1));
                List<LogEntry> entries = List.of(new LogEntry(i + 1, 1, EntryType.COMMAND, 0, payload));
                long before = writer.position();
                int length = LogRecord.lengthOf(entries);
                assertThat(writer.append(encoder.encode(entries, i + 1, 1, length, writer.recordOffset())))
                        .isEqualTo((int) before);
                written.addAll(entries);
            }
            writer.sync();
            assertThat(read(SegmentFiles.sealed(directory, 1))).isEqualTo(written);
        }
    }

    /** A spare is full of records, of which none may seem to follow what is written over the first. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingOfASpareFollowsWhatIsWrittenIntoIt(boolean direct) throws Exception {
        LogRecordEncoder encoder = new LogRecordEncoder(SALT);
        try (FileSegmentWriter writer = writer(direct)) {
            for (int i = 1; i <= 1000; i++) {
                append(writer, encoder, i, 100);
            }
            writer.sync();
            Path first = SegmentFiles.sealed(directory, 1);
            writer.beginNextSegment();
            writer.retire(first);
            writer.beginNextSegment();
            for (int i = 1001; i <= 1100; i++) {
                append(writer, encoder, i, i % 300);
                assertThat(read(SegmentFiles.sealed(directory, 3)))
                        .extracting(LogEntry::index)
                        .last()
                        .isEqualTo((long) i);
            }
        }
    }

    private FileSegmentWriter writer(boolean direct) {
        Options options = new Options(SEGMENT_BYTES, 64 << 10);
        if (!direct) {
            return FileSegmentWriter.cached(directory, 1, options, Syncer.DISK);
        }
        assumeTrue(DirectWrites.optionFor(directory).isPresent(), "there are no direct writes in " + directory);
        return FileSegmentWriter.direct(directory, 1, options, Syncer.DISK);
    }

    @Test
    void toFindOutLeavesNothingBehind() throws IOException {
        Optional<OpenOption> option = DirectWrites.optionFor(directory);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        assertThat(DirectWrites.optionFor(directory.resolve("missing"))).isEmpty();
        assumeTrue(option.isPresent(), "there are no direct writes in " + directory);
        try (FileChannel channel = FileChannel.open(
                directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, option.get())) {
            ByteBuffer block = DirectWrites.buffer(DirectWrites.BLOCK_BYTES);
            assertThat(channel.write(block, 0)).isEqualTo(DirectWrites.BLOCK_BYTES);
            assertThatThrownBy(() -> channel.write(block.limit(100).position(50), 0))
                    .isInstanceOf(IOException.class);
        }
    }

    /** As one that a Chronicle queue has written may be. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSpareMayEndAnywhere(boolean direct) throws Exception {
        LogRecordEncoder encoder = new LogRecordEncoder(SALT);
        try (FileSegmentWriter writer = writer(direct)) {
            Path first = SegmentFiles.sealed(directory, 1);
            writer.beginNextSegment();
            byte[] full = new byte[(64 << 10) + 1234];
            Arrays.fill(full, (byte) -1);
            Files.write(first, full);
            writer.retire(first);
            writer.beginNextSegment();
            for (int i = 1; i <= 1000; i++) {
                append(writer, encoder, i, i % 300);
            }
            assertThat(read(SegmentFiles.sealed(directory, 3))).hasSize(1000);
        }
    }

    private static void append(FileSegmentWriter writer, LogRecordEncoder encoder, long index, int bytes) {
        List<LogEntry> entries = List.of(new LogEntry(index, 1, EntryType.COMMAND, 0, new byte[bytes]));
        writer.append(encoder.encode(entries, index, 1, LogRecord.lengthOf(entries), writer.recordOffset()));
    }

    private static List<LogEntry> read(Path segment) throws IOException, DamagedRecordException {
        List<LogEntry> entries = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(segment)) {
            SegmentScanner scanner = new SegmentScanner(channel, SALT);
            for (SegmentScanner.Scanned next = scanner.next(); next != null; next = scanner.next()) {
                entries.addAll(next.entries());
            }
        }
        assertThat(Files.size(segment) % DirectWrites.BLOCK_BYTES).isZero();
        return entries;
    }
}
