package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * A record that proves of another, which is damaged or missing, that it had been durable: it was written later, and says so
 * in its header.
 *
 * <p>It is searched for wherever a record could begin, since behind a damaged place nothing says where the next one is, and
 * taken only by its header: what it holds may be torn. Older records that are still in a file whose blocks are used
 * again prove nothing, as their numbers are lower.
 *
 * @param file in which it lies
 * @param position of its frame
 * @param number of the record
 * @param missing the number of the record that had been durable
 */
record DurabilityProof(Path file, long position, long number, long missing) {
    private static final int WINDOW_BYTES = 1 << 20;

    /**
     * Searches from a place to the end of the log.
     *
     * @param segments of the log
     * @param segment in which the last good record ends, or any below the first segment
     * @param position the end of that record
     * @param missing the number of the record that should follow
     * @param salt of the log
     */
    static Optional<DurabilityProof> search(
            NavigableMap<Integer, Path> segments, int segment, long position, long missing, int salt)
            throws IOException {
        for (Map.Entry<Integer, Path> later : segments.tailMap(segment, true).entrySet()) {
            Path file = later.getValue();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                long from = later.getKey() == segment ? position : 0;
                DurabilityProof found = new Search(file, channel, missing, salt).from(from);
                if (found != null) {
                    return Optional.of(found);
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return "record " + missing + " was durable before record " + number + " was written, which is in " + file
                + " at position " + position;
    }

    /** The search in one file. */
    private static final class Search {
        private final Path file;
        private final FileChannel channel;
        private final long missing;
        private final int salt;
        private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);

        Search(Path file, FileChannel channel, long missing, int salt) {
            this.file = file;
            this.channel = channel;
            this.missing = missing;
            this.salt = salt;
        }

        /** Returns null if there is none. */
        DurabilityProof from(long position) throws IOException {
            long start = position;
            while (fill(start)) {
                int last = window.limit() - LogRecord.HEADER_BYTES;
                for (int at = 0; at <= last; at += LogRecord.ALIGNMENT) {
                    LogRecord.Header header = window.getInt(at) == LogRecord.MAGIC ? header(at) : null;
                    if (header != null && header.durable() >= missing) {
                        long frame = start + at - SegmentScanner.EXCERPT_HEADER_BYTES;
                        return new DurabilityProof(file, frame, header.number(), missing);
                    }
                }
                start += last - last % LogRecord.ALIGNMENT + LogRecord.ALIGNMENT;
            }
            return null;
        }

        /** Returns null where there is none. */
        private LogRecord.Header header(int at) {
            try {
                return LogRecord.decodeHeader(window.position(at), salt);
            } catch (DamagedRecordException isNoRecord) {
                return null;
            }
        }

        /** Reads a part of the file that has room for a header; returns false if there is none. */
        private boolean fill(long start) throws IOException {
            window.clear();
            int count = 0;
            while (count >= 0 && window.hasRemaining()) {
                count = channel.read(window, start + window.position());
            }
            window.flip();
            return window.limit() >= LogRecord.HEADER_BYTES;
        }
    }
}
