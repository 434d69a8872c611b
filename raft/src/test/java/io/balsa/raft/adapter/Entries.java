package io.balsa.raft.adapter;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Entries for tests of the log; index and term decide everything else. */
final class Entries {
    private Entries() {}

    static LogEntry entry(long index, long term) {
        byte[] payload = ("command " + index + " of term " + term).getBytes(StandardCharsets.UTF_8);
        return new LogEntry(index, term, EntryType.COMMAND, index * 10 + term, payload);
    }

    static List<LogEntry> entries(long firstIndex, int count, long term) {
        List<LogEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(firstIndex + i, term));
        }
        return entries;
    }

    static LogEntry large(long index, long term, int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        new Random(index).nextBytes(payload);
        return new LogEntry(index, term, EntryType.COMMAND, index, payload);
    }
}
