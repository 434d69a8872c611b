package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Appends records to the segments of a Chronicle queue and syncs them. The only class that knows Chronicle.
 *
 * <p>Chronicle is asked for what it does well, appending to mapped memory. What it leaves to chance is done here: blocks
 * are allocated ahead through the file, where a full disk is an {@link IOException} and not a fault in mapped memory; and
 * durability is a sync of the file, whose failure can't be missed, while {@code appender.sync()} swallows it.
 *
 * <p>There is one appender, used by one thread, in a directory that {@link DataDirectory} locks against other processes.
 * A stall within a write, however long, can thus not lead to a second writer. (Chronicle would take its own lock away from
 * a writer that seems dead.)
 */
final class ChronicleSegmentWriter implements SegmentWriter {
    private static final long MILLIS_PER_SEGMENT = TimeUnit.DAYS.toMillis(1);
    private static final int BLOCK_BYTES = 64 << 20;

    /** Zeros are written in pieces of a page: one long write makes pages that the kernel then syncs as a whole. */
    private static final int PAGE_BYTES = 4096;

    /** Chronicle adds its own index to a segment now and then; there must be blocks for that too. */
    private static final int CHRONICLE_INDEX_BYTES = 16 << 10;

    private static final byte[] SEGMENT_TITLE = "Balsa Raft log, format 1".getBytes(StandardCharsets.US_ASCII);

    static {
        // Chronicle reads these once, when its classes load. Whoever has set them otherwise has a reason.
        Map.of(
                        "chronicle.analytics.disable", "true",
                        "chronicle.announcer.disable", "true",
                        "chronicle.disk.monitor.disable", "true",
                        "disable.perf.info", "true",
                        "background.releaser", "false")
                .forEach((key, value) -> {
                    if (System.getProperty(key) == null) {
                        System.setProperty(key, value);
                    }
                });
    }

    private final Path directory;
    private final int segmentBytes;
    private final int allocationBytes;
    private final Syncer syncer;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PAGE_BYTES);
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;

    private int segment;
    private Path file;
    private FileChannel channel;
    private long recordsFrom;
    private long position;
    private long allocatedTo;

    /**
     * Begins a segment.
     *
     * @param directory without any segment that Chronicle would know
     * @param firstSegment its number, above every earlier one
     */
    ChronicleSegmentWriter(Path directory, int firstSegment, SegmentedLogStorage.Options options, Syncer syncer) {
        this.directory = directory;
        this.segmentBytes = options.segmentBytes();
        this.allocationBytes = options.allocationBytes();
        this.syncer = syncer;
        this.segment = firstSegment;
        queue = openQueue();
        appender = createAppender();
        try {
            beginSegment(firstSegment);
        } catch (StorageException e) {
            closeAfter(e);
            throw e;
        }
    }

    private SingleChronicleQueue openQueue() {
        try {
            return SingleChronicleQueueBuilder.binary(directory)
                    .rollCycle(new SegmentCycle())
                    .timeProvider(() -> segment * MILLIS_PER_SEGMENT)
                    .blockSize(BLOCK_BYTES)
                    .syncMode(SyncMode.NONE)
                    .build();
        } catch (RuntimeException | InternalError | AssertionError e) {
            throw DurableFiles.writeFailure("begin a log in", directory, e);
        }
    }

    private ExcerptAppender createAppender() {
        try {
            ExcerptAppender created = queue.createAppender();
            // Used by one thread at a time, but not by the one that opens it.
            created.singleThreadedCheckDisabled(true);
            return created;
        } catch (RuntimeException | InternalError | AssertionError e) {
            queue.close();
            throw DurableFiles.writeFailure("begin a log in", directory, e);
        }
    }

    private void closeAfter(StorageException failure) {
        try {
            close();
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public int segment() {
        return segment;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public boolean hasRoomFor(int recordBytes) {
        return position == recordsFrom || position + recordBytes <= segmentBytes;
    }

    @Override
    public int append(ByteBuffer record) {
        return write(record, false);
    }

    @Override
    public void beginNextSegment() {
        beginSegment(segment + 1);
    }

    private void beginSegment(int number) {
        try {
            closeChannel();
            segment = number;
            file = SegmentFiles.active(directory, number);
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            position = 0;
            allocatedTo = 0;
            allocate(1);
            channel.force(true);
            DurableFiles.forceDirectory(directory);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("begin segment", file, e);
        }
        // Metadata to Chronicle, so no reader takes it for a record; it also brings the cost of a first write forward.
        write(ByteBuffer.wrap(SEGMENT_TITLE), true);
        recordsFrom = position;
    }

    private int write(ByteBuffer bytes, boolean metadata) {
        try {
            allocate(bytes.remaining());
            long start;
            try (DocumentContext document = appender.writingDocument(metadata)) {
                Bytes<?> target = document.wire().bytes();
                start = target.writePosition();
                target.writeSome(bytes);
                Invariant.check(!bytes.hasRemaining(), "Chronicle takes a whole record");
                position = target.writePosition();
            }
            Invariant.check(
                    appender.cycle() == segment,
                    "Chronicle writes to the current segment: %d, not %d",
                    segment,
                    appender.cycle());
            return Math.toIntExact(start - SegmentScanner.EXCERPT_HEADER_BYTES);
        } catch (IOException | RuntimeException | InternalError | AssertionError e) {
            throw e instanceof StorageException failed ? failed : DurableFiles.writeFailure("append to", file, e);
        }
    }

    /** Makes sure that the next bytes have blocks. Only this thread writes, so the zeros never meet data. */
    private void allocate(int bytes) throws IOException {
        while (allocatedTo < position + bytes + CHRONICLE_INDEX_BYTES) {
            for (int written = 0; written < allocationBytes; written += PAGE_BYTES) {
                DurableFiles.writeFully(channel, zeros.clear(), allocatedTo);
                allocatedTo += PAGE_BYTES;
            }
        }
    }

    @Override
    public void sync() {
        try {
            syncer.force(channel, file);
        } catch (IOException | InternalError e) {
            throw DurableFiles.writeFailure("sync", file, e);
        }
    }

    @Override
    public void retire(Path earlier) throws IOException {
        Files.delete(earlier);
    }

    private void closeChannel() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void close() {
        try {
            appender.close();
            queue.close();
            closeChannel();
        } catch (IOException | RuntimeException e) {
            throw DurableFiles.writeFailure("close", file, e);
        }
    }

    /** Makes one segment of each number that the time provider gives, and keeps Chronicle's own index of it small. */
    private static final class SegmentCycle implements RollCycle {
        private static final int INDEX_COUNT = 128;
        private static final int INDEX_SPACING = 1024;
        private static final int SEQUENCE_BITS = 32;
        private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;

        @Override
        public String format() {
            return SegmentFiles.CHRONICLE_FORMAT;
        }

        @Override
        public int lengthInMillis() {
            return (int) MILLIS_PER_SEGMENT;
        }

        @Override
        public int defaultIndexCount() {
            return INDEX_COUNT;
        }

        @Override
        public int defaultIndexSpacing() {
            return INDEX_SPACING;
        }

        @Override
        public long toIndex(int cycle, long sequenceNumber) {
            return ((long) cycle << SEQUENCE_BITS) + (sequenceNumber & SEQUENCE_MASK);
        }

        @Override
        public long toSequenceNumber(long index) {
            return index & SEQUENCE_MASK;
        }

        @Override
        public int toCycle(long index) {
            return (int) (index >>> SEQUENCE_BITS);
        }

        @Override
        public long maxMessagesPerCycle() {
            return (long) INDEX_COUNT * INDEX_COUNT * INDEX_SPACING;
        }
    }
}
