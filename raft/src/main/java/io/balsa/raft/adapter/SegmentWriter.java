package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Appends records to the segments of a log and makes them durable. Used by one thread.
 *
 * <p>A segment is a row of frames: a length of 4 bytes in native order, as Chronicle writes it, and a {@link LogRecord}. Where
 * a length is 0, nothing follows. Each writer begins with a new segment, and whatever failed once is not tried again.
 */
interface SegmentWriter extends AutoCloseable {
    /** The number of the current segment. */
    int segment();

    /** Where the last record ends in the current segment. */
    long position();

    /** Whether the current segment takes a record of so many bytes; an empty one takes any. */
    boolean hasRoomFor(int recordBytes);

    /** How many bytes are to be left free before the next record and its margin. */
    default int recordOffset() {
        return 0;
    }

    /**
     * Appends a record to the current segment.
     *
     * @param record of a {@link LogRecordEncoder}, with its margins, at the {@link #recordOffset()}; the buffer is left in any state
     * @return the position of the record's frame in the segment
     * @throws io.balsa.raft.port.StorageException if it can't be written
     */
    int append(ByteBuffer record);

    /**
     * Makes everything that was appended durable.
     *
     * @throws io.balsa.raft.port.StorageException if that failed; what the disk then holds is unknown
     */
    void sync();

    /** Goes on in a new segment. What was not synced of the one before may be lost. */
    void beginNextSegment();

    /** Takes the file of an earlier segment away, which the log needs no more. */
    void retire(Path earlier) throws IOException;

    @Override
    void close();
}
