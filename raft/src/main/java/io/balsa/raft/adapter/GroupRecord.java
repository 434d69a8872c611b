package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What an entry of the shared log says of one group.
 *
 * <pre>
 * every record  version 1 | kind 1 | number of the group 4
 * FACTS         replaced number 4 | first index 8 | last index 8 | store id 16 | name length 2 | name in UTF-8
 * APPEND        count 4 | first index 8 | count times: payload length 4 | term 8 | time 8 | type 1 | payload
 * RESET, BEGIN  first index 8
 * COPY, REMOVE  nothing
 * </pre>
 *
 * <p>Numbers are big-endian. There is no checksum: the entry that holds the record has one.
 */
sealed interface GroupRecord {
    /** Of the format. */
    byte VERSION = 1;

    int HEADER_BYTES = 6;
    int APPEND_HEADER_BYTES = HEADER_BYTES + 12;
    int ENTRY_OVERHEAD_BYTES = 21;
    int STORE_ID_BYTES = 16;

    /** Without the name. */
    int FACTS_BYTES = HEADER_BYTES + 20 + STORE_ID_BYTES + 2;

    /** The number under which the records of a group run, from 1. */
    int number();

    /**
     * There is such a group, and its log has these entries when this is written. They may all lie before this record.
     *
     * @param replaced another number whose records are none of the group any more, since they were copied to this one; or 0
     * @param firstIndex of the entries
     * @param lastIndex of the entries, one below the first if there are none
     * @param storeId of the group's data directory, in hexadecimal digits
     */
    record Facts(int number, int replaced, long firstIndex, long lastIndex, String storeId, String name)
            implements GroupRecord {}

    /** Consecutive entries, which supersede every entry at and above the first. */
    record Append(int number, List<LogEntry> entries) implements GroupRecord {}

    /** The log is empty, and begins at an index. */
    record Reset(int number, long firstIndex) implements GroupRecord {}

    /** The entries below an index are none of the log any more. */
    record Begin(int number, long firstIndex) implements GroupRecord {}

    /** What follows under this number are copies, of no use until {@link Facts} say that they take the place of the original. */
    record Copy(int number) implements GroupRecord {}

    /** The records of this number are of no use any more. */
    record Remove(int number) implements GroupRecord {}

    // The codes are part of the format.
    private static byte code(GroupRecord record) {
        if (record instanceof Facts) {
            return 1;
        } else if (record instanceof Append) {
            return 2;
        } else if (record instanceof Reset) {
            return 3;
        } else if (record instanceof Begin) {
            return 4;
        } else if (record instanceof Copy) {
            return 5;
        }
        return 6;
    }

    /** The bytes that an entry takes in an {@link Append}. */
    static int lengthOf(LogEntry entry) {
        return ENTRY_OVERHEAD_BYTES + entry.payload().length;
    }

    /** The bytes of a record. */
    static byte[] encode(GroupRecord record) {
        byte[] name = record instanceof Facts facts ? facts.name().getBytes(StandardCharsets.UTF_8) : new byte[0];
        ByteBuffer target = ByteBuffer.allocate(lengthOf(record, name))
                .put(VERSION)
                .put(code(record))
                .putInt(record.number());
        if (record instanceof Append append) {
            encode(append.entries(), target);
        } else if (record instanceof Facts facts) {
            target.putInt(facts.replaced())
                    .putLong(facts.firstIndex())
                    .putLong(facts.lastIndex())
                    .put(HexFormat.of().parseHex(facts.storeId()))
                    .putShort((short) name.length)
                    .put(name);
        } else if (record instanceof Reset reset) {
            target.putLong(reset.firstIndex());
        } else if (record instanceof Begin begin) {
            target.putLong(begin.firstIndex());
        }
        return target.array();
    }

    private static int lengthOf(GroupRecord record, byte[] name) {
        if (record instanceof Append append) {
            int length = APPEND_HEADER_BYTES;
            for (LogEntry entry : append.entries()) {
                length += lengthOf(entry);
            }
            return length;
        } else if (record instanceof Facts) {
            return FACTS_BYTES + name.length;
        }
        return record instanceof Reset || record instanceof Begin ? HEADER_BYTES + 8 : HEADER_BYTES;
    }

    private static void encode(List<LogEntry> entries, ByteBuffer target) {
        target.putInt(entries.size()).putLong(entries.get(0).index());
        for (LogEntry entry : entries) {
            target.putInt(entry.payload().length)
                    .putLong(entry.term())
                    .putLong(entry.timeMillis())
                    .put(LogRecord.code(entry.type()))
                    .put(entry.payload());
        }
    }

    /**
     * Reads a record.
     *
     * @throws DamagedRecordException if it is not one that {@link #encode} makes
     */
    static GroupRecord decode(byte[] bytes) throws DamagedRecordException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        require(source.remaining() >= HEADER_BYTES, "a record of a group is shorter than its header");
        byte version = source.get();
        require(version == VERSION, "a record of a group has format version " + version + ", this is " + VERSION);
        byte kind = source.get();
        int number = source.getInt();
        require(number > 0, "a group has the number " + number);
        GroupRecord record =
                switch (kind) {
                    case 1 -> decodeFacts(number, source);
                    case 2 -> decodeAppend(number, source);
                    case 3 -> new Reset(number, index(source));
                    case 4 -> new Begin(number, index(source));
                    case 5 -> new Copy(number);
                    case 6 -> new Remove(number);
                    default -> throw new DamagedRecordException("a record of a group has the unknown kind " + kind);
                };
        require(!source.hasRemaining(), "a record of a group is longer than what it says");
        return record;
    }

    private static Facts decodeFacts(int number, ByteBuffer source) throws DamagedRecordException {
        require(source.remaining() >= FACTS_BYTES - HEADER_BYTES, "the facts of a group are too short");
        int replaced = source.getInt();
        long firstIndex = index(source);
        long lastIndex = source.getLong();
        byte[] storeId = new byte[STORE_ID_BYTES];
        source.get(storeId);
        int length = Short.toUnsignedInt(source.getShort());
        require(replaced >= 0 && replaced != number, "group " + number + " takes the place of " + replaced);
        require(lastIndex >= firstIndex - 1, "a log has entries " + firstIndex + " to " + lastIndex);
        require(length == source.remaining(), "the name of a group has another length than it says");
        try {
            String name = StandardCharsets.UTF_8.newDecoder().decode(source).toString();
            GroupNames.check(name);
            return new Facts(
                    number, replaced, firstIndex, lastIndex, HexFormat.of().formatHex(storeId), name);
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new DamagedRecordException("the name of group " + number + " is none: " + e.getMessage());
        }
    }

    private static long index(ByteBuffer source) throws DamagedRecordException {
        require(source.remaining() >= 8, "a record of a group ends before an index");
        long index = source.getLong();
        require(index > 0, "a log begins at " + index);
        return index;
    }

    private static Append decodeAppend(int number, ByteBuffer source) throws DamagedRecordException {
        require(source.remaining() >= 12, "a record of a group ends before its entries");
        int count = source.getInt();
        long firstIndex = index(source);
        require(
                count > 0 && count <= source.remaining() / ENTRY_OVERHEAD_BYTES && firstIndex <= Long.MAX_VALUE - count,
                "a record of a group has " + count + " entries from " + firstIndex + " on");
        List<LogEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(decodeEntry(firstIndex + i, source));
        }
        return new Append(number, entries);
    }

    private static LogEntry decodeEntry(long index, ByteBuffer source) throws DamagedRecordException {
        if (source.remaining() < ENTRY_OVERHEAD_BYTES) {
            throw new DamagedRecordException("a record of a group ends before entry " + index);
        }
        int length = source.getInt();
        long term = source.getLong();
        long timeMillis = source.getLong();
        byte type = source.get();
        if (length < 0 || length > source.remaining() || term < 1) {
            throw new DamagedRecordException("entry " + index + " of term " + term + " has " + length + " bytes");
        }
        byte[] payload = new byte[length];
        source.get(payload);
        return new LogEntry(index, term, LogRecord.type(type), timeMillis, payload);
    }

    private static void require(boolean holds, String what) throws DamagedRecordException {
        if (!holds) {
            throw new DamagedRecordException(what);
        }
    }
}
