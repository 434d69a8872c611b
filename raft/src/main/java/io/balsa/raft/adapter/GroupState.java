package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.util.List;

/**
 * The log of one group within a {@link Journal}: who it belongs to and where its entries lie. One thread writes, as in every
 * log, any may read; and another may meanwhile copy what lies far behind to the journal's end.
 */
final class GroupState {
    /** The largest payload of an entry: with what belongs to it, it is the payload of one of the journal's. */
    static final int MAX_PAYLOAD_BYTES =
            SegmentedLogStorage.MAX_PAYLOAD_BYTES - GroupRecord.APPEND_HEADER_BYTES - GroupRecord.ENTRY_OVERHEAD_BYTES;

    /** Whoever reads an entry reads the whole record. */
    private static final int RECORD_BYTES = 64 << 10;

    private final Journal journal;
    private final Runnable onFreed;
    private final String name;
    private final String storeId;

    /** Changed only under this object's lock. */
    private volatile Placed placed;

    /** The last record of this group. */
    private volatile long lastAt;
    // Guarded by this.
    private long factsAt;
    /** Changes whenever entries that were there are there no more, but for those at the beginning. */
    private long version;

    private Copying copying;

    /** The records under one number. */
    private record Placed(int number, LogIndex index) {}

    /** Records that shall take the place of those that lie far behind. */
    private static final class Copying {
        private final Placed copy;
        private final long startedAt;
        /** Up to this entry, the copy is what the log is. */
        private long copied;

        Copying(Placed copy, long startedAt) {
            this.copy = copy;
            this.startedAt = startedAt;
            this.copied = copy.index.lastIndex();
        }
    }

    /**
     * A group that is known to the journal.
     *
     * @param number of its records
     * @param index where they lie
     * @param factsAt where the journal says so
     * @param lastAt the last of them
     * @param onFreed called, under this object's lock, when there is less of it than before
     */
    GroupState(
            Journal journal,
            String name,
            String storeId,
            int number,
            LogIndex index,
            long factsAt,
            long lastAt,
            Runnable onFreed) {
        this.journal = journal;
        this.name = name;
        this.storeId = storeId;
        this.placed = new Placed(number, index);
        this.factsAt = factsAt;
        this.lastAt = lastAt;
        this.onFreed = onFreed;
    }

    /** Makes an empty log known to the journal. It is durable when {@link #lastAt} is. */
    static GroupState begin(Journal journal, String name, String storeId, int number, Runnable onFreed) {
        GroupState begun = new GroupState(journal, name, storeId, number, new LogIndex(1), 0, 0, onFreed);
        begun.writeFacts();
        return begun;
    }

    String name() {
        return name;
    }

    /** Of the group's data directory, in hexadecimal digits. */
    String storeId() {
        return storeId;
    }

    LogIndex index() {
        return placed.index;
    }

    /** The last record of this group. */
    long lastAt() {
        return lastAt;
    }

    void append(List<LogEntry> entries) {
        LogChecks.checkAppend(entries, index().firstIndex(), index().lastIndex());
        for (LogEntry entry : entries) {
            Invariant.check(
                    entry.payload().length <= MAX_PAYLOAD_BYTES,
                    "a payload has at most %d bytes, not %d",
                    MAX_PAYLOAD_BYTES,
                    entry.payload().length);
        }
        synchronized (this) {
            long first = entries.get(0).index();
            if (first <= index().lastIndex()) {
                version++;
                onFreed.run();
                if (copying != null) {
                    copying.copied = Math.min(copying.copied, first - 1);
                }
            }
            append(placed, entries);
        }
        journal.relieve();
    }

    private void append(Placed target, List<LogEntry> entries) {
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            int length = GroupRecord.lengthOf(entries.get(i));
            if (i > from && bytes + length > RECORD_BYTES) {
                appendRecord(target, entries.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += length;
        }
        appendRecord(target, entries.subList(from, entries.size()));
    }

    private void appendRecord(Placed target, List<LogEntry> entries) {
        byte[] record = GroupRecord.encode(new GroupRecord.Append(target.number, entries));
        lastAt = journal.append(record);
        target.index.append(lastAt, Journal.lengthOf(record.length), entries);
    }

    private void write(GroupRecord record) {
        lastAt = journal.append(GroupRecord.encode(record));
    }

    void truncatePrefix(long firstIndexToKeep) {
        LogChecks.checkTruncatePrefix(firstIndexToKeep, index().firstIndex(), index().lastIndex());
        journal.checkUsable();
        synchronized (this) {
            if (firstIndexToKeep > index().firstIndex()) {
                write(new GroupRecord.Begin(placed.number, firstIndexToKeep));
                begin(index(), firstIndexToKeep);
                onFreed.run();
            }
        }
    }

    /** Lets an index begin later, where it may also end. */
    static void begin(LogIndex index, long firstIndex) {
        if (firstIndex > index.lastIndex()) {
            index.reset(firstIndex);
        } else {
            index.truncateBelow(firstIndex);
        }
    }

    /** Begins anew, empty; durable when {@link #lastAt} is. */
    void reset(long firstIndex) {
        LogChecks.checkReset(firstIndex);
        synchronized (this) {
            version++;
            giveUpCopy();
            write(new GroupRecord.Reset(placed.number, firstIndex));
            index().reset(firstIndex);
            onFreed.run();
        }
    }

    /** Its records are of no use any more. */
    synchronized void remove() {
        version++;
        giveUpCopy();
        write(new GroupRecord.Remove(placed.number));
        onFreed.run();
    }

    List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        LogChecks.checkRange(fromIndex, toIndex, index().firstIndex(), index().lastIndex());
        return RecordReads.read(fromIndex, toIndex, maxBytes, this::readFrom);
    }

    /** The entries of one record from an index on, without those that were superseded. */
    private List<LogEntry> readFrom(long wanted) {
        return journal.withPlacesKept(() -> {
            while (true) {
                Placed now = placed;
                LogChecks.checkIndex(wanted, now.index.firstIndex(), now.index.lastIndex());
                LogIndex.Location location = now.index.locate(wanted);
                List<LogEntry> record = readRecord(now.number, location);
                int from = (int) (wanted - location.firstIndex());
                int to = (int) (location.lastIndex() - location.firstIndex() + 1);
                if (to > record.size()) {
                    throw damaged(location, "the record has only " + record.size() + " entries");
                }
                List<LogEntry> entries = record.subList(from, to);
                if (now.index.agreesWith(entries)) {
                    return entries;
                }
                // Superseded between the look-up and here, by the writer? Then look again. If not, the disk has lied.
                if (now.index.isAt(wanted, location)) {
                    throw damaged(location, "an entry has another term than when it was written");
                }
            }
        });
    }

    private List<LogEntry> readRecord(int number, LogIndex.Location location) {
        try {
            if (GroupRecord.decode(journal.payloadAt(location.place())) instanceof GroupRecord.Append append
                    && append.number() == number
                    && append.entries().get(0).index() == location.firstIndex()) {
                return append.entries();
            }
        } catch (DamagedRecordException e) {
            throw damaged(location, e.getMessage());
        }
        throw damaged(location, "not the record of entry " + location.firstIndex());
    }

    private StorageException damaged(LogIndex.Location location, String what) {
        return new StorageException(
                "damaged shared log: its entry " + location.place() + ", of group '" + name + "': " + what);
    }

    /** Says at the journal's end what is true of the group, so that what said so before may go. */
    synchronized void writeFacts() {
        writeFacts(placed, 0);
    }

    private void writeFacts(Placed of, int replaced) {
        write(new GroupRecord.Facts(of.number, replaced, of.index.firstIndex(), of.index.lastIndex(), storeId, name));
        factsAt = lastAt;
    }

    /** Whether the journal says behind an entry, or there, what is true of the group. */
    synchronized boolean hasFactsFrom(long entry) {
        return factsAt >= entry;
    }

    /** The first entry of the journal that is needed for this group's entries; {@link Long#MAX_VALUE} if none is. */
    synchronized long firstNeeded() {
        long first = index().firstPlace();
        return copying == null ? first : Math.min(first, copying.startedAt);
    }

    /** The bytes of the records that are needed. */
    synchronized long neededBytes() {
        return index().bytes() + (copying == null ? 0 : copying.copy.index.bytes());
    }

    /** Begins to copy the log to the journal's end, under a number that was not used before. */
    synchronized void beginCopy(int number) {
        write(new GroupRecord.Copy(number));
        copying = new Copying(new Placed(number, new LogIndex(index().firstIndex())), lastAt);
    }

    /**
     * Goes on copying. When all is copied, the copy takes the place of the original in one step: an entry of the journal is
     * there after a crash or is not.
     *
     * @return whether there is nothing more to copy
     */
    boolean copySome(long maxBytes) {
        long from;
        long to;
        long seen;
        synchronized (this) {
            if (copying == null) {
                return true;
            }
            from = copying.copied + 1;
            to = index().lastIndex();
            seen = version;
            if (from < index().firstIndex()) {
                // The copy would have a gap, and the log pins less than before.
                giveUpCopy();
                return true;
            }
        }
        List<LogEntry> entries = from <= to ? readUnlessGone(from, to, maxBytes, seen) : List.of();
        synchronized (this) {
            if (copying == null) {
                return true;
            }
            if (version != seen || from < index().firstIndex()) {
                return false;
            }
            if (!entries.isEmpty()) {
                append(copying.copy, entries);
                copying.copied = copying.copy.index.lastIndex();
            }
            if (copying.copied < index().lastIndex()) {
                return false;
            }
            takeCopy();
            return true;
        }
    }

    /** The writer may drop what is read; then there is something else to copy. */
    private List<LogEntry> readUnlessGone(long from, long to, long maxBytes, long seen) {
        try {
            return read(from, to, maxBytes);
        } catch (RuntimeException e) {
            synchronized (this) {
                if (version == seen && from >= index().firstIndex()) {
                    throw e;
                }
                return List.of();
            }
        }
    }

    private void takeCopy() {
        Placed copy = copying.copy;
        if (index().firstIndex() > copy.index.firstIndex()) {
            begin(copy.index, index().firstIndex());
        }
        writeFacts(copy, placed.number);
        placed = copy;
        copying = null;
        onFreed.run();
    }

    private void giveUpCopy() {
        if (copying != null) {
            write(new GroupRecord.Remove(copying.copy.number));
            copying = null;
        }
    }
}
