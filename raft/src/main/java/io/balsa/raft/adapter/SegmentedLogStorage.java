package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The durable log of one group, in segments; how these are written is left to a {@link SegmentWriter}. All kinds have the same
 * format, so a node may change from one to the other.
 *
 * <p>One record holds one appended batch (a very large one is split). Nothing is ever overwritten: an entry supersedes
 * whatever was written before at its index and above, and the index in memory, rebuilt on open, knows which is the last.
 * {@link #sync} syncs the segment's file; the {@link DurableMark} follows when there is time for it. A failure to write or
 * sync is final: what the disk then holds is unknown, and a second sync would report success for pages that the kernel has
 * already given up.
 *
 * <p>Every record that is read from disk, on open or later, is checked: its checksums, its index and its term.
 */
abstract class SegmentedLogStorage implements LogStorage {
    /** The largest payload of an entry. */
    public static final int MAX_PAYLOAD_BYTES = 8 << 20;

    private static final int DEFAULT_SEGMENT_BYTES = 64 << 20;
    private static final int DEFAULT_ALLOCATION_BYTES = 256 << 10;

    /** A reader reads whole records; so they are kept much smaller than a batch may be. */
    private static final int SPLIT_BYTES = 256 << 10;

    private final DurableMark mark;
    private final Path directory;
    private final LogIndex index;
    private final SegmentStarts starts;
    private final SegmentReader reader;
    private final SegmentWriter writer;

    private final SyncedTail synced;
    private final LogRecordEncoder encoder;
    private long lastNumber;
    private long unsyncedBytes;
    private StorageException failure;
    private boolean closed;

    /** @param opened by {@link #open} */
    SegmentedLogStorage(Opened opened) {
        this.directory = opened.directory();
        this.mark = opened.mark();
        this.index = opened.recovered().index();
        this.starts = opened.recovered().starts();
        this.lastNumber = opened.recovered().lastNumber();
        this.reader = new SegmentReader(directory, mark.mark().salt());
        this.writer = opened.writer();
        this.synced = new SyncedTail(mark);
        this.encoder = new LogRecordEncoder(mark.mark().salt());
    }

    /**
     * A log that was recovered.
     *
     * @param writer begun behind it
     */
    record Opened(Path directory, DurableMark mark, LogRecovery.Recovered recovered, SegmentWriter writer) {}

    /** Makes the writer of a kind of log. */
    @FunctionalInterface
    interface WriterFactory {
        /** Begins a segment. */
        SegmentWriter begin(Path directory, int firstSegment, Options options, Syncer syncer);
    }

    /**
     * How a log uses its disk.
     *
     * @param segmentBytes a segment that would exceed this is followed by the next
     * @param allocationBytes so many bytes of disk are allocated at a time, in whole blocks of 4096
     * @param findsEntries whether a single entry is read without the record that it is in, for 4 bytes of memory each
     */
    record Options(int segmentBytes, int allocationBytes, boolean findsEntries) {
        static final Options DEFAULT = new Options(DEFAULT_SEGMENT_BYTES, DEFAULT_ALLOCATION_BYTES);

        Options(int segmentBytes, int allocationBytes) {
            this(segmentBytes, allocationBytes, false);
        }

        /** The same for a log whose entries are read one by one. */
        Options findingEntries() {
            return new Options(segmentBytes, allocationBytes, true);
        }

        Options {
            Invariant.check(segmentBytes > 0, "segmentBytes is positive");
            Invariant.check(
                    allocationBytes > 0 && allocationBytes % DirectWrites.BLOCK_BYTES == 0,
                    "allocationBytes is a positive multiple of 4096");
        }
    }

    /**
     * Makes an empty log in a directory, which is created if it does not exist. Does nothing if an empty log is there
     * already, so that a format that was interrupted can be repeated.
     *
     * @throws StorageException if there is a log with records, or the directory can't be written
     */
    public static void create(Path directory) {
        create(directory, Syncer.DISK);
    }

    static void create(Path directory, Syncer syncer) {
        Path markFile = directory.resolve(SegmentFiles.MARK);
        try {
            Files.createDirectories(directory);
            if (holdsRecords(directory)) {
                throw new StorageException("there is a log in " + directory + " already");
            }
            DurableMark.create(markFile, syncer);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("create a log in", markFile, e);
        }
    }

    /**
     * Whether there are records in a directory, or were.
     *
     * @throws StorageException if that can't be told
     */
    static boolean holdsRecords(Path directory) throws IOException {
        Path markFile = directory.resolve(SegmentFiles.MARK);
        if (!Files.isDirectory(directory)) {
            return false;
        }
        if (!SegmentFiles.list(directory).isEmpty()) {
            return true;
        }
        if (!Files.exists(markFile)) {
            return false;
        }
        DurableMark.Mark mark = DurableMark.peek(markFile);
        return mark.number() > 0 || !mark.base().equals(DurableMark.Base.NEW);
    }

    /**
     * Opens a log, recovering it first if it was not closed.
     *
     * @throws StorageException if the log or a part of it that was acknowledged is missing or damaged
     */
    static Opened open(Path directory, Options options, Syncer syncer, WriterFactory writers) {
        if (!Files.isDirectory(directory)) {
            throw new StorageException("the log is missing: there is no directory " + directory);
        }
        DurableMark mark = DurableMark.open(directory.resolve(SegmentFiles.MARK), syncer);
        try {
            LogRecovery.Recovered recovered = LogRecovery.recover(directory, mark, syncer, options.findsEntries());
            ensureSalt(mark);
            SegmentWriter writer = writers.begin(directory, recovered.lastSegment() + 1, options, syncer);
            return new Opened(directory, mark, recovered, writer);
        } catch (RuntimeException e) {
            try {
                mark.close();
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    private static void ensureSalt(DurableMark mark) {
        try {
            mark.ensureSalt();
        } catch (IOException e) {
            throw DurableFiles.writeFailure("write to", mark.file(), e);
        }
    }

    @Override
    public void append(List<LogEntry> entries) {
        checkUsable();
        LogChecks.checkAppend(entries, firstIndex(), lastIndex());
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            Invariant.check(
                    entry.payload().length <= MAX_PAYLOAD_BYTES,
                    "a payload has at most %d bytes, not %d",
                    MAX_PAYLOAD_BYTES,
                    entry.payload().length);
            long entryBytes = LogRecord.encodedLength(entry);
            if (i > from && bytes + entryBytes > SPLIT_BYTES) {
                appendRecord(entries.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += entryBytes;
        }
        appendRecord(entries.subList(from, entries.size()));
    }

    private void appendRecord(List<LogEntry> entries) {
        int length = LogRecord.lengthOf(entries);
        try {
            if (!writer.hasRoomFor(length)) {
                // A segment is covered by the mark before there is another.
                syncSegment();
                synced.moveMark();
                writer.beginNextSegment();
            }
            long number = lastNumber + 1;
            int position =
                    writer.append(encoder.encode(entries, number, synced.lagOf(number), length, writer.recordOffset()));
            starts.note(writer.segment(), lastNumber, entries.get(0).index());
            lastNumber = number;
            unsyncedBytes += length;
            index.append(writer.segment(), position, length, entries);
        } catch (StorageException e) {
            throw failed(e);
        } catch (IOException e) {
            throw failed(DurableFiles.writeFailure("write to", mark.file(), e));
        }
    }

    @Override
    public void sync() {
        checkUsable();
        try {
            syncSegment();
            if (synced.isFarAheadOfMark()) {
                synced.moveMark();
            }
        } catch (StorageException e) {
            throw failed(e);
        } catch (IOException e) {
            throw failed(DurableFiles.writeFailure("sync", mark.file(), e));
        }
    }

    private void syncSegment() {
        if (unsyncedBytes > 0) {
            writer.sync();
            synced.synced(writer.segment(), writer.position(), lastNumber, unsyncedBytes);
            unsyncedBytes = 0;
        }
    }

    @Override
    public boolean hasIdleWork() {
        return synced.isAheadOfMark();
    }

    @Override
    public void idle() {
        checkUsable();
        try {
            synced.moveMark();
        } catch (IOException e) {
            throw failed(DurableFiles.writeFailure("sync", mark.file(), e));
        }
    }

    /** Remembers a failure, after which nothing is written any more. */
    private StorageException failed(StorageException e) {
        failure = e;
        return e;
    }

    private void checkUsable() {
        Invariant.check(!closed, "a closed log is not written to");
        if (failure != null) {
            throw new StorageException("the log failed before and can't go on: " + failure.getMessage(), failure);
        }
    }

    @Override
    public long firstIndex() {
        return index.firstIndex();
    }

    @Override
    public long lastIndex() {
        return index.lastIndex();
    }

    @Override
    public long termAt(long wanted) {
        LogChecks.checkIndex(wanted, firstIndex(), lastIndex());
        return index.termAt(wanted);
    }

    @Override
    public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        LogChecks.checkRange(fromIndex, toIndex, firstIndex(), lastIndex());
        if (fromIndex == toIndex) {
            return List.copyOf(readFrom(fromIndex, true));
        }
        return RecordReads.read(fromIndex, toIndex, maxBytes, next -> readFrom(next, false));
    }

    /**
     * The entries of one record from an index on, without those that were superseded.
     *
     * @param alone if the first of them is enough
     */
    private List<LogEntry> readFrom(long wanted, boolean alone) {
        while (true) {
            LogChecks.checkIndex(wanted, firstIndex(), lastIndex());
            LogIndex.Location location = index.locate(wanted);
            List<LogEntry> entries;
            try {
                entries = alone ? List.of(readAlone(location, wanted)) : readFrom(location, wanted);
            } catch (StorageException e) {
                if (index.isAt(wanted, location)) {
                    throw e;
                }
                // Dropped with its segment in the meantime: look again, or be told that it is not in the log any more.
                continue;
            }
            if (index.agreesWith(entries)) {
                return entries;
            }
            // Superseded between the look-up and here, by the writer? Then look again. If not, the disk has lied.
            if (index.isAt(wanted, location)) {
                throw reader.damaged(location, "an entry has another term than when it was written");
            }
        }
    }

    private LogEntry readAlone(LogIndex.Location location, long wanted) {
        Optional<LogIndex.Part> part = index.find(wanted);
        return part.isPresent() ? reader.read(part.get(), wanted) : reader.read(location, wanted);
    }

    private List<LogEntry> readFrom(LogIndex.Location location, long wanted) {
        List<LogEntry> record = reader.read(location);
        int from = (int) (wanted - location.firstIndex());
        int to = (int) (location.lastIndex() - location.firstIndex() + 1);
        if (to > record.size()) {
            throw reader.damaged(location, "the record has only " + record.size() + " entries");
        }
        return record.subList(from, to);
    }

    @Override
    public List<LogEntry> configurations() {
        return index.configurations();
    }

    /** Deletes whole segments, so that much of what is not needed any more may stay. */
    @Override
    public void truncatePrefix(long firstIndexToKeep) {
        checkUsable();
        LogChecks.checkTruncatePrefix(firstIndexToKeep, firstIndex(), lastIndex());
        // What supersedes entries of a segment must not be lost when that segment is gone.
        sync();
        if (firstIndexToKeep > lastIndex()) {
            if (lastIndex() >= firstIndex()) {
                reset(firstIndexToKeep);
            }
            return;
        }
        Optional<DurableMark.Base> base = starts.lastBefore(index, firstIndexToKeep);
        if (base.isPresent()) {
            moveBeginning(base.get(), () -> {
                starts.forgetBelow(base.get().segment());
                index.truncateBelow(base.get().firstIndex());
            });
        }
    }

    @Override
    public void reset(long firstIndex) {
        checkUsable();
        LogChecks.checkReset(firstIndex);
        int segment = writer.segment() + 1;
        moveBeginning(new DurableMark.Base(segment, lastNumber, firstIndex), () -> {
            writer.beginNextSegment();
            starts.forgetBelow(segment);
            index.reset(firstIndex);
            unsyncedBytes = 0;
        });
    }

    /**
     * Lets the log begin elsewhere. The mark decides in one step: until it is moved the log is the old one, and from then on
     * it is the new one, whether the segments that are none of it any more could be deleted or not.
     */
    private void moveBeginning(DurableMark.Base base, Runnable takeUp) {
        try {
            synced.moveMark(base);
            takeUp.run();
            for (Path earlier :
                    SegmentFiles.list(directory).headMap(base.segment(), false).values()) {
                writer.retire(earlier);
            }
            reader.forgetBelow(base.segment());
        } catch (StorageException e) {
            throw failed(e);
        } catch (IOException e) {
            throw failed(DurableFiles.writeFailure("drop segments of", directory, e));
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // The resources close one after the other, each also when another fails.
        try (mark;
                reader;
                writer) {
            if (failure == null) {
                synced.moveMark();
            }
        } catch (IOException e) {
            throw new StorageException("cannot close the log of " + mark.file() + ": " + e.getMessage(), e);
        }
    }
}
