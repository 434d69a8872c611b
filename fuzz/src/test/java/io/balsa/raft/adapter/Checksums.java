package io.balsa.raft.adapter;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Puts right checksums into bytes that have none, so that fuzzing gets to what lies behind them. */
final class Checksums {
    private static final int CRC_BYTES = 4;

    private Checksums() {}

    /** Writes the checksum of a range behind it, if there is room. */
    static void seal(ByteBuffer bytes, int start, int length) {
        if (start >= 0 && length >= 0 && (long) start + length + CRC_BYTES <= bytes.capacity()) {
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), bytes.arrayOffset() + start, length);
            bytes.putInt(start + length, (int) crc.getValue());
        }
    }

    /** Seals a record of the log and as many of its entries as it has, up to an end. */
    static void sealRecord(ByteBuffer bytes, int start, int end) {
        if (start + LogRecord.HEADER_BYTES > end) {
            return;
        }
        seal(bytes, start, LogRecord.HEADER_BYTES - CRC_BYTES);
        int at = start + LogRecord.HEADER_BYTES;
        while (at + LogRecord.ENTRY_OVERHEAD_BYTES <= end) {
            int payloadLength = bytes.getInt(at);
            if (payloadLength < 0 || payloadLength > end - at - LogRecord.ENTRY_OVERHEAD_BYTES) {
                return;
            }
            seal(bytes, at, LogRecord.ENTRY_OVERHEAD_BYTES - CRC_BYTES + payloadLength);
            at += LogRecord.ENTRY_OVERHEAD_BYTES + payloadLength;
        }
    }
}
