package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32C;

/** Makes the bytes of a {@link LogRecord}, one after the other in the same buffer. Used by one thread. */
final class LogRecordEncoder {
    /** Room for the length that the writer of a segment puts before the record, and for that behind it. */
    static final int MARGIN_BYTES = 4;

    private static final int INITIAL_BUFFER_BYTES = 64 << 10;

    private final int salt;
    private final CRC32C crc = new CRC32C();

    /** Outside the heap, since from there the JDK would copy the bytes out first. */
    private ByteBuffer buffer = DirectWrites.buffer(INITIAL_BUFFER_BYTES);

    /** @param salt of the log */
    LogRecordEncoder(int salt) {
        this.salt = salt;
    }

    /**
     * Encodes a record.
     *
     * @param number of the record
     * @param lag how far before it the last record is that is durable, 0 if that can't be said
     * @param length as {@link LogRecord#lengthOf} says
     * @param offset so many bytes are left free in the buffer, before the margin
     * @return the record, from the buffer's position to its limit, in a buffer of whole blocks; until the next call
     */
    ByteBuffer encode(List<LogEntry> entries, long number, int lag, int length, int offset) {
        int start = offset + MARGIN_BYTES;
        int end = start + length;
        int blocks = DirectWrites.wholeBlocks(end + MARGIN_BYTES);
        if (buffer.capacity() < blocks) {
            buffer = DirectWrites.buffer(Math.max(blocks, DirectWrites.wholeBlocks(buffer.capacity() * 2)));
        }
        buffer.clear().order(ByteOrder.BIG_ENDIAN).position(start);
        buffer.putInt(LogRecord.MAGIC)
                .putShort(LogRecord.VERSION)
                .putShort((short) lag)
                .putInt(length)
                .putInt(entries.size())
                .putLong(number)
                .putLong(entries.get(0).index());
        buffer.putInt(checksumFrom(start) ^ salt);
        for (LogEntry entry : entries) {
            int entryStart = buffer.position();
            buffer.putInt(entry.payload().length)
                    .putLong(entry.term())
                    .putLong(entry.index())
                    .putLong(entry.timeMillis())
                    .put(LogRecord.code(entry.type()))
                    .put(entry.payload());
            buffer.putInt(checksumFrom(entryStart));
        }
        while (buffer.position() < end) {
            buffer.put((byte) 0);
        }
        return buffer.flip().position(start);
    }

    /** Of the bytes from a place up to the buffer's position. */
    private int checksumFrom(int start) {
        crc.reset();
        crc.update(buffer.flip().position(start));
        buffer.limit(buffer.capacity());
        return (int) crc.getValue();
    }
}
