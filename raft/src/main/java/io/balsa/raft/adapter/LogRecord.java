package io.balsa.raft.adapter;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of one excerpt of the log: a header, and consecutive entries.
 *
 * <pre>
 * header  magic 4 | version 2 | lag 2 | length 4 | count 4 | number 8 | first index 8 | CRC32C 4
 * entry   payload length 4 | term 8 | index 8 | time 8 | type 1 | payload | CRC32C 4
 * padding zeros up to a multiple of 4, because Chronicle aligns excerpts so
 * </pre>
 *
 * <p>Numbers are big-endian. {@code length} is that of the whole record, padding included. {@code number} counts the
 * records of a log from 1 without a gap, so that a lost segment is noticed. Every bit lies under a checksum or must be
 * zero.
 *
 * <p>{@code lag} is what a record knows about those before it: when it was written, record {@code number - lag} and all
 * before that were durable. Where one of them is damaged or missing later, it was not torn by a crash. A lag of 0 says
 * nothing. In version 1 it was always 0.
 *
 * <p>The checksum of a header is xored with the log's salt (see {@link DurableMark}), in version 1 with 0. So nobody can
 * put bytes into an entry that pass for a record where one is searched for behind a torn one, nor does a copy of a log
 * that somebody stores as a value.
 */
final class LogRecord {
    static final short VERSION = 2;
    static final int HEADER_BYTES = 36;
    static final int ENTRY_OVERHEAD_BYTES = 33;
    static final int MAX_LAG = 0xFFFF;
    static final int MAGIC = 0x424C_4F47; // "BLOG"

    /** A record's length is a multiple of this, and so is its place in a segment. */
    static final int ALIGNMENT = 4;

    private static final short VERSION_WITHOUT_LAG = 1;
    private static final int VERSION_OFFSET = 4;
    private static final int HEADER_CRC_OFFSET = HEADER_BYTES - 4;

    private LogRecord() {}

    /**
     * What the header of a record says.
     *
     * @param length of the whole record in bytes
     * @param count how many entries it has
     * @param number its place among the records of the log, from 1
     * @param durable the number of the last record that was durable when this one was written; 0 if that is not known
     * @param firstIndex the index of its first entry
     */
    record Header(int length, int count, long number, long durable, long firstIndex) {}

    /** The bytes that a record with these entries takes. */
    static int lengthOf(List<LogEntry> entries) {
        long length = HEADER_BYTES;
        for (LogEntry entry : entries) {
            length += encodedLength(entry);
        }
        return Math.toIntExact(align(length));
    }

    /** The bytes that an entry takes within a record. */
    static long encodedLength(LogEntry entry) {
        return (long) ENTRY_OVERHEAD_BYTES + entry.payload().length;
    }

    private static long align(long length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Reads the header at the buffer's position and moves behind it.
     *
     * @param salt of the log
     * @throws DamagedRecordException if it is not the header of a record of a version that is known
     */
    static Header decodeHeader(ByteBuffer source, int salt) throws DamagedRecordException {
        if (source.remaining() < HEADER_BYTES) {
            throw new DamagedRecordException("a record is shorter than its header");
        }
        int start = source.position();
        CRC32C crc = new CRC32C();
        crc.update(source.array(), source.arrayOffset() + start, HEADER_CRC_OFFSET);
        int salted = source.getShort(start + VERSION_OFFSET) == VERSION_WITHOUT_LAG ? 0 : salt;
        if (((int) crc.getValue() ^ salted) != source.getInt(start + HEADER_CRC_OFFSET)) {
            throw new DamagedRecordException("the checksum of a record's header does not match");
        }
        int magic = source.getInt();
        short version = source.getShort();
        int lag = Short.toUnsignedInt(source.getShort());
        int length = source.getInt();
        int count = source.getInt();
        long number = source.getLong();
        Header header = new Header(length, count, number, lag == 0 ? 0 : number - lag, source.getLong());
        source.position(start + HEADER_BYTES);
        if (magic != MAGIC) {
            throw new DamagedRecordException("a record does not begin as one of Balsa's does");
        }
        if (version != VERSION && (version != VERSION_WITHOUT_LAG || lag != 0)) {
            throw new DamagedRecordException("a record has format version " + version + ", this is " + VERSION);
        }
        if (length < HEADER_BYTES || count < 1 || number < 1 || header.firstIndex() < 1 || header.durable() < 0) {
            throw new DamagedRecordException("a record's header is not plausible: " + header);
        }
        return header;
    }

    /**
     * Reads the entries behind a header, checks each, and moves behind the record.
     *
     * @param source limited to the record
     * @throws DamagedRecordException if any bit is not as it was written
     */
    static List<LogEntry> decodeEntries(Header header, ByteBuffer source) throws DamagedRecordException {
        List<LogEntry> entries = new ArrayList<>(Math.min(header.count(), source.remaining() / ENTRY_OVERHEAD_BYTES));
        CRC32C crc = new CRC32C();
        for (int i = 0; i < header.count(); i++) {
            entries.add(decodeEntry(header.firstIndex() + i, source, crc));
        }
        if (source.remaining() >= ALIGNMENT) {
            throw new DamagedRecordException("a record is longer than its entries");
        }
        while (source.hasRemaining()) {
            if (source.get() != 0) {
                throw new DamagedRecordException("the padding of a record is not zero");
            }
        }
        return entries;
    }

    /**
     * Reads one of the entries behind a header and checks it; leaves the buffer in any state.
     *
     * @param source limited to the record
     * @param index of the entry
     * @throws DamagedRecordException if it is not as it was written, or can't be found
     */
    static LogEntry decodeEntry(Header header, ByteBuffer source, long index) throws DamagedRecordException {
        if (index < header.firstIndex() || index - header.firstIndex() >= header.count()) {
            throw new DamagedRecordException("the record has only " + header.count() + " entries");
        }
        for (long before = header.firstIndex(); before < index; before++) {
            int payloadLength = source.remaining() < ENTRY_OVERHEAD_BYTES ? -1 : source.getInt(source.position());
            if (payloadLength < 0 || payloadLength > source.remaining() - ENTRY_OVERHEAD_BYTES) {
                throw new DamagedRecordException("the length of entry " + before + " is not plausible");
            }
            source.position(source.position() + ENTRY_OVERHEAD_BYTES + payloadLength);
        }
        return decodeEntry(index, source, new CRC32C());
    }

    /**
     * Reads the entry that a buffer begins with, and checks it.
     *
     * @param index that it must have
     * @throws DamagedRecordException if it is not as it was written
     */
    static LogEntry decodeEntry(ByteBuffer source, long index) throws DamagedRecordException {
        return decodeEntry(index, source, new CRC32C());
    }

    private static LogEntry decodeEntry(long index, ByteBuffer source, CRC32C crc) throws DamagedRecordException {
        int start = source.position();
        if (source.remaining() < ENTRY_OVERHEAD_BYTES) {
            throw new DamagedRecordException("the record ends before entry " + index);
        }
        int payloadLength = source.getInt();
        if (payloadLength < 0 || payloadLength > source.limit() - start - ENTRY_OVERHEAD_BYTES) {
            throw new DamagedRecordException("the length of entry " + index + " is not plausible: " + payloadLength);
        }
        int checkedLength = ENTRY_OVERHEAD_BYTES - 4 + payloadLength;
        crc.reset();
        crc.update(source.array(), source.arrayOffset() + start, checkedLength);
        if ((int) crc.getValue() != source.getInt(start + checkedLength)) {
            throw new DamagedRecordException("the checksum of entry " + index + " does not match");
        }
        long term = source.getLong();
        long storedIndex = source.getLong();
        long timeMillis = source.getLong();
        EntryType type = type(source.get());
        if (storedIndex != index || term < 1) {
            throw new DamagedRecordException(
                    "entry " + index + " says that it is entry " + storedIndex + " of term " + term);
        }
        byte[] payload = new byte[payloadLength];
        source.get(payload);
        source.position(start + checkedLength + 4);
        return new LogEntry(index, term, type, timeMillis, payload);
    }

    // The codes are part of the format: they stay when constants are added or moved.
    static byte code(EntryType type) {
        return switch (type) {
            case NO_OP -> 1;
            case COMMAND -> 2;
            case CLOCK -> 3;
            case CONFIGURATION -> 4;
        };
    }

    static EntryType type(byte code) throws DamagedRecordException {
        return switch (code) {
            case 1 -> EntryType.NO_OP;
            case 2 -> EntryType.COMMAND;
            case 3 -> EntryType.CLOCK;
            case 4 -> EntryType.CONFIGURATION;
            default -> throw new DamagedRecordException("an entry has the unknown type " + code);
        };
    }
}
