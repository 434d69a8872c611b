package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Records of the log: what is taken is what would be written for it, byte by byte, unless by an earlier version. */
public final class LogRecordDecoder implements Decoder {
    /** None, so that the checksums are right without one. */
    static final int SALT = 0;

    private static final int VERSION_OFFSET = 4;
    private static final int LAG_OFFSET = 6;

    @Override
    public void decode(byte[] input) {
        Choices choices = new Choices(input);
        boolean seal = choices.flip();
        ByteBuffer bytes = ByteBuffer.wrap(choices.rest());
        if (seal) {
            Checksums.sealRecord(bytes, 0, bytes.capacity());
        }
        LogRecord.Header header;
        List<LogEntry> entries;
        try {
            header = LogRecord.decodeHeader(bytes, SALT);
            LogEntry alone = decodeAlone(header, bytes, header.firstIndex() + header.count() / 2);
            entries = LogRecord.decodeEntries(header, bytes);
            Check.that(alone.equals(entries.get(header.count() / 2)), "an entry is the same when it is read alone");
        } catch (DamagedRecordException refused) {
            return;
        }
        Check.that(header.durable() < header.number(), "a record knows of earlier ones only");
        if (header.length() == bytes.capacity() && bytes.getShort(VERSION_OFFSET) == LogRecord.VERSION) {
            int lag = Short.toUnsignedInt(bytes.getShort(LAG_OFFSET));
            Check.same(bytes.array(), encode(entries, header.number(), lag), "a record");
        }
    }

    private static LogEntry decodeAlone(LogRecord.Header header, ByteBuffer bytes, long index)
            throws DamagedRecordException {
        return LogRecord.decodeEntry(header, bytes.duplicate(), index);
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (EntryType type : EntryType.values()) {
            byte[] sealed = RawInput.of(record(7, type));
            seeds.add(sealed);
            byte[] toSeal = sealed.clone();
            toSeal[0] = 1;
            seeds.add(toSeal);
        }
        byte[] last = RawInput.of(record(Long.MAX_VALUE - 1, EntryType.COMMAND));
        seeds.add(last);
        return seeds;
    }

    static byte[] record(long firstIndex, EntryType type) {
        List<LogEntry> entries = Arrays.asList(
                new LogEntry(firstIndex, 3, EntryType.NO_OP, 1000, new byte[0]),
                new LogEntry(
                        firstIndex + 1, 3, type, 1001, type == EntryType.COMMAND ? new byte[] {1, 2} : new byte[0]));
        return encode(entries, 5, 2);
    }

    private static byte[] encode(List<LogEntry> entries, long number, int lag) {
        byte[] record = new byte[LogRecord.lengthOf(entries)];
        new LogRecordEncoder(SALT)
                .encode(entries, number, lag, record.length, 0)
                .get(record);
        return record;
    }
}
