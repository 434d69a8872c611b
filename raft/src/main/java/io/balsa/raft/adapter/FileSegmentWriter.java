package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes segments in whole blocks, one write for each record, past the kernel's cache where that is possible
 * ({@link DirectWrites}), into blocks that are there already. The block in which the record before ends is written again, as it
 * is, with the beginning of the next; the rest of the block in which a record ends is zeros.
 *
 * <p>A write to blocks that exist changes nothing but their content, so the sync that follows has no file system's journal to
 * wait for. A new file is filled with zeros piece by piece, ahead of what is written. A segment that the log needs no more
 * is kept as a spare, and becomes a later one: its blocks are there. What it held is harmless: each record is followed by a
 * frame of length 0, and the numbers of old records lie below those of new ones, so that they neither follow them nor prove
 * anything about them. They always do, since only what lies before the log's beginning becomes a spare, and that never moves
 * back; what recovery cuts off, whose numbers are given again, is deleted.
 */
final class FileSegmentWriter implements SegmentWriter {
    private static final int LENGTH_BYTES = SegmentScanner.EXCERPT_HEADER_BYTES;

    /**
     * Through the cache, zeros are written in pieces of this size, which become the kernel's pages: what is written and synced
     * later costs it so much for each page, but it may sync each as a whole.
     */
    private static final int PAGE_BYTES = 16 << 10;

    private static final ByteBuffer ZEROS = DirectWrites.buffer(256 << 10).asReadOnlyBuffer();
    private static final byte[] PADDING = new byte[DirectWrites.BLOCK_BYTES + LENGTH_BYTES];
    private static final int MAX_SPARES = 2;

    private final Path directory;
    private final SegmentedLogStorage.Options options;
    private final Syncer syncer;
    private final Optional<OpenOption> direct;
    /** The block in which the last record ends, up to there. */
    private final byte[] tail = new byte[DirectWrites.BLOCK_BYTES];

    private int segment;
    private Path file;
    private FileChannel channel;
    private long position;
    private long allocatedTo;

    private FileSegmentWriter(
            Path directory,
            int firstSegment,
            SegmentedLogStorage.Options options,
            Syncer syncer,
            Optional<OpenOption> direct) {
        this.directory = directory;
        this.options = options;
        this.syncer = syncer;
        this.direct = direct;
        begin(firstSegment);
    }

    /**
     * Begins a segment, past the kernel's cache if that is possible.
     *
     * @param firstSegment its number, above every earlier one
     */
    static FileSegmentWriter direct(
            Path directory, int firstSegment, SegmentedLogStorage.Options options, Syncer syncer) {
        return new FileSegmentWriter(directory, firstSegment, options, syncer, DirectWrites.optionFor(directory));
    }

    /** Begins a segment through the kernel's cache. */
    static FileSegmentWriter cached(
            Path directory, int firstSegment, SegmentedLogStorage.Options options, Syncer syncer) {
        return new FileSegmentWriter(directory, firstSegment, options, syncer, Optional.empty());
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
        return position == 0 || position + recordBytes <= options.segmentBytes();
    }

    /** Where in its block the next frame begins: what stands before it there is written with it. */
    @Override
    public int recordOffset() {
        return (int) (position % DirectWrites.BLOCK_BYTES);
    }

    @Override
    public int append(ByteBuffer record) {
        int start = record.position() - LENGTH_BYTES;
        int end = record.limit();
        Invariant.check(start == recordOffset(), "a frame at %d of its block, not at %d", recordOffset(), start);
        try {
            allocate(end - start + LENGTH_BYTES);
            DurableFiles.writeFully(channel, blocksOf(record, start, end), position - start);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("append to", file, e);
        }
        int lastBlock = end - end % DirectWrites.BLOCK_BYTES;
        record.get(lastBlock, tail, 0, end - lastBlock);
        int at = Math.toIntExact(position);
        position += end - start;
        return at;
    }

    /**
     * What stands before the frame in its block, the record with its length before it, the length that says that nothing follows
     * yet, and zeros up to the end of the block.
     */
    private ByteBuffer blocksOf(ByteBuffer record, int start, int end) {
        int blocks = DirectWrites.wholeBlocks(end + LENGTH_BYTES);
        return record.order(ByteOrder.nativeOrder())
                .limit(blocks)
                .put(0, tail, 0, start)
                .putInt(start, end - start - LENGTH_BYTES)
                .put(end, PADDING, 0, blocks - end)
                .position(0);
    }

    @Override
    public void sync() {
        try {
            syncer.force(channel, file);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("sync", file, e);
        }
    }

    @Override
    public void beginNextSegment() {
        close();
        begin(segment + 1);
    }

    private void begin(int number) {
        segment = number;
        file = SegmentFiles.sealed(directory, number);
        position = 0;
        try {
            List<Path> spares = SegmentFiles.spares(directory);
            if (!spares.isEmpty()) {
                reuse(spares.get(0));
            } else {
                channel = open(file, StandardOpenOption.CREATE_NEW);
                allocatedTo = 0;
                allocate(1);
            }
            syncer.force(channel, file);
            DurableFiles.forceDirectory(directory);
        } catch (IOException e) {
            close();
            throw DurableFiles.writeFailure("begin segment", file, e);
        }
    }

    private FileChannel open(Path path, OpenOption... more) throws IOException {
        Set<OpenOption> how = new HashSet<>(List.of(more));
        how.add(StandardOpenOption.WRITE);
        direct.ifPresent(how::add);
        return FileChannel.open(path, how);
    }

    /** Under its old name until it says that nothing is in it. */
    private void reuse(Path spare) throws IOException {
        channel = open(spare);
        allocatedTo = channel.size() - channel.size() % DirectWrites.BLOCK_BYTES;
        DurableFiles.writeFully(channel, zeros(DirectWrites.BLOCK_BYTES), 0);
        channel.force(false);
        Files.move(spare, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void retire(Path earlier) throws IOException {
        if (SegmentFiles.spares(directory).size() < MAX_SPARES) {
            SegmentFiles.spare(earlier);
        } else {
            Files.delete(earlier);
        }
    }

    /** Makes sure that the next bytes have blocks. */
    private void allocate(int bytes) throws IOException {
        while (allocatedTo < position + bytes) {
            long end = allocatedTo + options.allocationBytes();
            while (allocatedTo < end) {
                int piece = (int) Math.min(direct.isPresent() ? ZEROS.capacity() : PAGE_BYTES, end - allocatedTo);
                DurableFiles.writeFully(channel, zeros(piece), allocatedTo);
                allocatedTo += piece;
            }
        }
    }

    private static ByteBuffer zeros(int bytes) {
        return ZEROS.duplicate().limit(bytes);
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw DurableFiles.writeFailure("close", file, e);
        }
    }
}
