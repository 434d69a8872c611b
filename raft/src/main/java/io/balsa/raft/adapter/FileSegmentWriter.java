package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes segments with plain writes, one for each record, into blocks that are there already.
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
     * Zeros are written in pieces of this size, which become the kernel's pages: what is written and synced later costs it so
     * much for each page, but it may sync each as a whole.
     */
    private static final int PIECE_BYTES = 16 << 10;

    /** A record's frame that says that nothing is there lies in the first bytes of a file, and these in one block. */
    private static final int BLOCK_BYTES = 4096;

    private static final int MAX_SPARES = 2;

    private final Path directory;
    private final SegmentedLogStorage.Options options;
    private final Syncer syncer;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE_BYTES);

    private int segment;
    private Path file;
    private FileChannel channel;
    private long position;
    private long allocatedTo;

    /**
     * Begins a segment.
     *
     * @param firstSegment its number, above every earlier one
     */
    FileSegmentWriter(Path directory, int firstSegment, SegmentedLogStorage.Options options, Syncer syncer) {
        this.directory = directory;
        this.options = options;
        this.syncer = syncer;
        begin(firstSegment);
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

    @Override
    public int append(ByteBuffer record) {
        try {
            int length = LENGTH_BYTES + record.remaining();
            allocate(length + LENGTH_BYTES);
            DurableFiles.writeFully(channel, frame(record), position);
            int at = Math.toIntExact(position);
            position += length;
            return at;
        } catch (IOException e) {
            throw DurableFiles.writeFailure("append to", file, e);
        }
    }

    /** The record, its length before it, and after it the length that says that nothing follows yet. */
    private static ByteBuffer frame(ByteBuffer record) {
        int start = record.position() - LENGTH_BYTES;
        int end = record.limit();
        record.order(ByteOrder.nativeOrder()).limit(end + LENGTH_BYTES);
        return record.putInt(start, record.remaining() - LENGTH_BYTES)
                .putInt(end, 0)
                .position(start);
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
                channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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

    /** Under its old name until it says that nothing is in it. */
    private void reuse(Path spare) throws IOException {
        channel = FileChannel.open(spare, StandardOpenOption.WRITE);
        allocatedTo = channel.size();
        DurableFiles.writeFully(channel, zeros.clear().limit(BLOCK_BYTES), 0);
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
                int piece = (int) Math.min(PIECE_BYTES, end - allocatedTo);
                DurableFiles.writeFully(channel, zeros.clear().limit(piece), allocatedTo);
                allocatedTo += piece;
            }
        }
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
