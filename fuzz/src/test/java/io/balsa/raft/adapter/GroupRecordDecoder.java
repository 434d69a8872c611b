package io.balsa.raft.adapter;

import io.balsa.fuzz.Check;
import io.balsa.fuzz.Decoder;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.util.ArrayList;
import java.util.List;

/** What the entries of a shared log say of its groups: what is taken is what would be written for it, byte by byte. */
public final class GroupRecordDecoder implements Decoder {
    @Override
    public void decode(byte[] input) {
        GroupRecord record;
        try {
            record = GroupRecord.decode(input);
        } catch (DamagedRecordException refused) {
            return;
        }
        Check.that(record.number() > 0, "a group has a number");
        Check.same(input, GroupRecord.encode(record), "a record of a group");
    }

    @Override
    public List<byte[]> seeds() {
        List<LogEntry> entries = new ArrayList<>();
        for (EntryType type : EntryType.values()) {
            entries.add(new LogEntry(
                    5L + entries.size(), 3, type, 1000, type == EntryType.COMMAND ? new byte[] {1, 2} : new byte[0]));
        }
        String storeId = "00112233445566778899aabbccddeeff";
        List<GroupRecord> records = List.of(
                new GroupRecord.Facts(1, 0, 1, 0, storeId, "orders"),
                new GroupRecord.Facts(7, 3, 20, 90, storeId, "Bücher"),
                new GroupRecord.Append(1, entries),
                new GroupRecord.Reset(1, 100),
                new GroupRecord.Begin(1, 6),
                new GroupRecord.Copy(8),
                new GroupRecord.Remove(Integer.MAX_VALUE));
        return records.stream().map(GroupRecord::encode).toList();
    }
}
