package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;

/** A log that lives as long as its process: for tests and for groups whose state may be lost with all their servers. */
public final class MemoryLogStorage implements LogStorage {
    private final List<LogEntry> entries = new ArrayList<>();
    private long firstIndex = 1;

    @Override
    public synchronized void append(List<LogEntry> appended) {
        LogChecks.checkAppend(appended, firstIndex(), lastIndex());
        int keep = (int) (appended.get(0).index() - firstIndex);
        entries.subList(keep, entries.size()).clear();
        entries.addAll(appended);
    }

    @Override
    public void sync() {
        // Memory is as durable as it gets.
    }

    @Override
    public synchronized long firstIndex() {
        return firstIndex;
    }

    @Override
    public synchronized long lastIndex() {
        return firstIndex + entries.size() - 1;
    }

    @Override
    public synchronized long termAt(long index) {
        LogChecks.checkIndex(index, firstIndex(), lastIndex());
        return entries.get((int) (index - firstIndex)).term();
    }

    @Override
    public synchronized List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        LogChecks.checkRange(fromIndex, toIndex, firstIndex(), lastIndex());
        List<LogEntry> result = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= toIndex; index++) {
            LogEntry entry = entries.get((int) (index - firstIndex));
            bytes += entry.sizeInBytes();
            if (bytes > maxBytes && !result.isEmpty()) {
                break;
            }
            result.add(entry);
        }
        return List.copyOf(result);
    }

    @Override
    public synchronized void truncatePrefix(long firstIndexToKeep) {
        LogChecks.checkTruncatePrefix(firstIndexToKeep, firstIndex(), lastIndex());
        entries.subList(0, (int) (firstIndexToKeep - firstIndex)).clear();
        firstIndex = firstIndexToKeep;
    }

    @Override
    public synchronized void reset(long newFirstIndex) {
        LogChecks.checkReset(newFirstIndex);
        entries.clear();
        firstIndex = newFirstIndex;
    }

    @Override
    public void close() {
        // Nothing is held but memory, which a test may want to read after a simulated restart.
    }
}
