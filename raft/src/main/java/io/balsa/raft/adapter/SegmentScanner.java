package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Walks through the records of one segment from its beginning, trusting nothing.
 *
 * <p>It reads the file itself, not through a Chronicle tailer: a tailer believes every length and index that it finds,
 * waits for excerpts that will never be completed, and mends what it takes for broken.
 */
final class SegmentScanner {
    /** Chronicle puts 4 bytes in native order before an excerpt: its length, and the flags below. */
    static final int EXCERPT_HEADER_BYTES = 4;

    private static final int NOT_COMPLETE = 0x8000_0000;
    private static final int METADATA = 0x4000_0000;
    private static final int END_OF_SEGMENT = NOT_COMPLETE | METADATA;
    private static final int LENGTH_MASK = 0x3FFF_FFFF;
    private static final int WINDOW_BYTES = 1 << 20;

    private final FileChannel channel;
    private final int salt;
    private final long size;
    private long position;
    private long examined;
    private ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
    private long windowStart;
    private int windowLength;

    /** @param salt of the log */
    SegmentScanner(FileChannel channel, int salt) throws IOException {
        this.channel = channel;
        this.salt = salt;
        this.size = channel.size();
    }

    /**
     * A record of the segment.
     *
     * @param position of its excerpt
     * @param header of the record
     * @param entries of the record
     */
    record Scanned(int position, LogRecord.Header header, List<LogEntry> entries) {}

    /** Where the last record that was read ends. */
    long position() {
        return position;
    }

    /** Where the excerpt lies at which the last call of {@link #next()} ended, also when it was damaged. */
    long examined() {
        return examined;
    }

    /**
     * Reads the next record.
     *
     * @return null where no further record was completed
     * @throws DamagedRecordException if there is something at {@link #examined()} that was not written so
     */
    Scanned next() throws IOException, DamagedRecordException {
        long at = position;
        while (true) {
            examined = at;
            int excerptHeader = excerptHeader(at);
            if (excerptHeader == 0 || excerptHeader == NOT_COMPLETE || excerptHeader == END_OF_SEGMENT) {
                return null;
            }
            int length = excerptHeader & LENGTH_MASK;
            long end = at + EXCERPT_HEADER_BYTES + length;
            if ((excerptHeader & NOT_COMPLETE) != 0 || end > size) {
                throw new DamagedRecordException(
                        "the header of an excerpt is not plausible: " + Integer.toHexString(excerptHeader));
            }
            if ((excerptHeader & METADATA) == 0) {
                Scanned scanned = decode(at, length);
                position = end;
                return scanned;
            }
            if (length >= Integer.BYTES
                    && load(at + EXCERPT_HEADER_BYTES, Integer.BYTES)
                                    .order(ByteOrder.BIG_ENDIAN)
                                    .getInt()
                            == LogRecord.MAGIC) {
                throw new DamagedRecordException("a record whose excerpt says that it is none");
            }
            at = (end + LogRecord.ALIGNMENT - 1) & -LogRecord.ALIGNMENT;
        }
    }

    private int excerptHeader(long at) throws IOException {
        if (at + EXCERPT_HEADER_BYTES > size) {
            return 0;
        }
        return load(at, EXCERPT_HEADER_BYTES).order(ByteOrder.nativeOrder()).getInt();
    }

    private Scanned decode(long at, int length) throws IOException, DamagedRecordException {
        ByteBuffer bytes = load(at + EXCERPT_HEADER_BYTES, length).order(ByteOrder.BIG_ENDIAN);
        LogRecord.Header header = LogRecord.decodeHeader(bytes, salt);
        if (header.length() != length) {
            throw new DamagedRecordException(
                    "a record of " + header.length() + " bytes lies in an excerpt of " + length + " bytes");
        }
        return new Scanned(Math.toIntExact(at), header, LogRecord.decodeEntries(header, bytes));
    }

    /** Positions the window at these bytes and limits it to them, reading ahead when they are not in it. */
    private ByteBuffer load(long at, int length) throws IOException {
        if (at < windowStart || at + length > windowStart + windowLength) {
            if (length > window.capacity()) {
                window = ByteBuffer.allocate(length);
            }
            window.clear();
            windowStart = at;
            int count = 0;
            while (count >= 0 && window.hasRemaining()) {
                count = channel.read(window, at + window.position());
            }
            windowLength = window.position();
        }
        int offset = Math.toIntExact(at - windowStart);
        return window.limit(offset + length).position(offset);
    }
}
