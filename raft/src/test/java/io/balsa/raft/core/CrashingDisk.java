package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A server's disk: it keeps what was synced, and a crash forgets the rest, or keeps any part of it that is whole and in
 * order. It refuses to be asked for anything that {@link LogReader} and the port of the log don't allow.
 */
final class CrashingDisk implements LogReader {
    /** Whole segments are dropped only, so a log may begin before where it could. */
    private static final long SEGMENT = 3;

    /** Something that the log is told to do, in order. */
    private sealed interface Task {
        record Append(Ready.Append append) implements Task {}

        record TruncatePrefix(long firstIndexToKeep) implements Task {}

        record Reset(long firstIndex) implements Task {}
    }

    private final List<LogEntry> entries = new ArrayList<>();
    private final Deque<Task> tasks = new ArrayDeque<>();
    private long firstIndex = 1;
    private HardState hardState = HardState.INITIAL;
    private SnapshotMetadata snapshot;

    HardState hardState() {
        return hardState;
    }

    void save(HardState state) {
        hardState = state;
    }

    /** The latest snapshot. */
    Optional<SnapshotMetadata> snapshot() {
        return Optional.ofNullable(snapshot);
    }

    /** Makes a snapshot durable, unless there is a later one. */
    void publish(SnapshotMetadata metadata) {
        if (snapshot == null || metadata.index() > snapshot.index()) {
            snapshot = metadata;
        }
    }

    /** What a server does before it starts: a log that doesn't go on after the snapshot is of no use. */
    void recover() {
        if (snapshot != null) {
            long index = snapshot.index();
            boolean other = index >= firstIndex && index <= lastIndex() && termAt(index) != snapshot.term();
            if (other || lastIndex() < index) {
                reset(index + 1);
            }
        }
    }

    /** Takes an append, not yet written: a reader doesn't see it, and a crash loses it. */
    void queue(Ready.Append append) {
        tasks.addLast(new Task.Append(append));
    }

    /** Drops entries at the beginning, after what is queued. */
    void queueTruncatePrefix(long firstIndexToKeep) {
        tasks.addLast(new Task.TruncatePrefix(firstIndexToKeep));
        runLeadingTasks();
    }

    /** Begins anew at an index, after what is queued. */
    void queueReset(long newFirstIndex) {
        tasks.addLast(new Task.Reset(newFirstIndex));
    }

    int unsyncedAppends() {
        return (int) tasks.stream().filter(Task.Append.class::isInstance).count();
    }

    int unsyncedEntries() {
        return tasks.stream()
                .mapToInt(task -> task instanceof Task.Append append
                        ? append.append().entries().size()
                        : 0)
                .sum();
    }

    /**
     * Writes the oldest of the queued appends and makes them durable.
     *
     * @return the sequence of the last one
     */
    long sync(int appends) {
        long sequence = 0;
        int done = 0;
        while (done < appends) {
            Task task = tasks.removeFirst();
            if (task instanceof Task.Append append) {
                append.append().entries().forEach(this::write);
                sequence = append.append().sequence();
                done++;
            } else {
                run(task);
            }
        }
        runLeadingTasks();
        return sequence;
    }

    private void runLeadingTasks() {
        while (tasks.peekFirst() instanceof Task.TruncatePrefix task) {
            tasks.removeFirst();
            run(task);
        }
    }

    private void run(Task task) {
        if (task instanceof Task.TruncatePrefix truncate) {
            truncatePrefix(truncate.firstIndexToKeep());
        } else if (task instanceof Task.Reset reset) {
            reset(reset.firstIndex());
        }
    }

    private void truncatePrefix(long firstIndexToKeep) {
        if (firstIndexToKeep > lastIndex() + 1) {
            throw new AssertionError("keep from " + firstIndexToKeep + " on, of a log that ends at " + lastIndex());
        }
        long newFirst = firstIndexToKeep - (firstIndexToKeep - 1) % SEGMENT;
        if (newFirst > firstIndex) {
            entries.subList(0, (int) (newFirst - firstIndex)).clear();
            firstIndex = newFirst;
        }
    }

    private void reset(long newFirstIndex) {
        entries.clear();
        firstIndex = newFirstIndex;
    }

    /** Loses what was not synced, but for so many entries. */
    void crash(int keptEntries) {
        int kept = keptEntries;
        while (kept > 0 && !tasks.isEmpty()) {
            Task task = tasks.removeFirst();
            if (task instanceof Task.Append append) {
                for (LogEntry entry : append.append().entries()) {
                    if (kept > 0) {
                        kept--;
                        write(entry);
                    }
                }
            } else {
                run(task);
            }
        }
        tasks.clear();
    }

    /** Loses entries that were synced, as no honest disk does. */
    void loseFrom(long index) {
        entries.subList((int) (index - firstIndex), entries.size()).clear();
    }

    /** The log as it would be after a crash. */
    List<LogEntry> durableEntries() {
        return Collections.unmodifiableList(entries);
    }

    /** Up to here the log, or the snapshot in its place, is durable. */
    long durableIndex() {
        return Math.max(lastIndex(), snapshot == null ? 0 : snapshot.index());
    }

    /** Whether an entry is durable, in the log or, being committed, in the snapshot. */
    boolean holds(LogEntry entry) {
        if (snapshot != null && entry.index() <= snapshot.index()) {
            return true;
        }
        return entry.index() >= firstIndex
                && entry.index() <= lastIndex()
                && entries.get((int) (entry.index() - firstIndex)).equals(entry);
    }

    private void write(LogEntry entry) {
        if (entry.index() > lastIndex() + 1) {
            throw new AssertionError("a gap in the log before " + entry);
        }
        if (entry.index() < firstIndex) {
            throw new AssertionError("the log begins at " + firstIndex + ", after " + entry);
        }
        if (entry.index() <= lastIndex()) {
            loseFrom(entry.index());
        }
        entries.add(entry);
    }

    @Override
    public long firstIndex() {
        return firstIndex;
    }

    @Override
    public long lastIndex() {
        return firstIndex + entries.size() - 1;
    }

    @Override
    public long termAt(long index) {
        checkReadable(index);
        return entries.get((int) (index - firstIndex)).term();
    }

    @Override
    public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        checkReadable(fromIndex);
        checkReadable(toIndex);
        if (toIndex < fromIndex) {
            throw new AssertionError("read from " + fromIndex + " to " + toIndex);
        }
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
        return Collections.unmodifiableList(result);
    }

    private void checkReadable(long index) {
        if (index < firstIndex || index > lastIndex()) {
            throw new AssertionError(
                    "asked for entry " + index + " of a log from " + firstIndex + " to " + lastIndex());
        }
    }
}
