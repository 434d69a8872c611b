package io.balsa.simulation;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The log of one process on a {@link SimulatedDisk}; whole under a lock, as the port lets others read while one writes. */
final class SimulatedLogStorage implements LogStorage {
    private final SimulatedDisk disk;
    private final SimulatedDisk.Faults faults;
    private final Consumer<List<LogEntry>> onAppend;

    /**
     * Opens the log.
     *
     * @param onAppend told of entries just after they were written
     * @throws io.balsa.raft.port.StorageException if it is damaged
     */
    SimulatedLogStorage(SimulatedDisk disk, SimulatedDisk.Faults faults, Consumer<List<LogEntry>> onAppend) {
        this.disk = disk;
        this.faults = faults;
        this.onAppend = onAppend;
        disk.open();
    }

    @Override
    public synchronized void append(List<LogEntry> entries) {
        Invariant.check(!entries.isEmpty(), "an append has entries");
        long index = entries.get(0).index();
        Invariant.check(
                index >= firstIndex() && index <= lastIndex() + 1,
                "an append begins at most one above the last index: %d, last %d",
                index,
                lastIndex());
        for (LogEntry entry : entries) {
            Invariant.check(
                    entry.index() == index,
                    "the entries of an append are consecutive: %d, not %d",
                    index,
                    entry.index());
            index++;
        }
        faults.beforeOperation("append");
        disk.append(entries);
        onAppend.accept(entries);
        faults.afterOperation("append");
    }

    @Override
    public synchronized void sync() {
        faults.beforeOperation("sync");
        disk.sync();
        faults.afterOperation("sync");
    }

    @Override
    public synchronized void truncatePrefix(long firstIndexToKeep) {
        Invariant.check(
                firstIndexToKeep >= firstIndex() && firstIndexToKeep <= lastIndex() + 1,
                "a log is cut at the beginning within its entries: at %d, last %d",
                firstIndexToKeep,
                lastIndex());
        faults.beforeOperation("truncate");
        disk.truncatePrefix(firstIndexToKeep);
        faults.afterOperation("truncate");
    }

    @Override
    public synchronized void reset(long firstIndex) {
        Invariant.check(firstIndex > 0, "a log begins at a positive index");
        faults.beforeOperation("reset");
        disk.reset(firstIndex);
        faults.afterOperation("reset");
    }

    @Override
    public synchronized long firstIndex() {
        return disk.firstIndex();
    }

    @Override
    public synchronized long lastIndex() {
        return disk.lastIndex();
    }

    @Override
    public synchronized long termAt(long index) {
        checkIndex(index);
        return disk.entryAt(index).term();
    }

    @Override
    public synchronized List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        checkIndex(fromIndex);
        checkIndex(toIndex);
        Invariant.check(fromIndex <= toIndex, "a range is not empty: %d to %d", fromIndex, toIndex);
        List<LogEntry> result = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= toIndex; index++) {
            LogEntry entry = disk.entryAt(index);
            bytes += entry.sizeInBytes();
            if (bytes > maxBytes && !result.isEmpty()) {
                break;
            }
            result.add(entry);
        }
        return List.copyOf(result);
    }

    private void checkIndex(long index) {
        Invariant.check(
                index >= firstIndex() && index <= lastIndex(),
                "only entries of the log are asked for: %d, last %d",
                index,
                lastIndex());
    }

    @Override
    public void close() {
        // What was not synced stays volatile; the disk belongs to the machine.
    }
}
