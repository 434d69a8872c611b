package io.balsa.raft.adapter;

import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the segments of a log that was not closed, or not closed well, into order, and rebuilds the index.
 *
 * <p>Everything up to the {@link DurableMark} may have been acknowledged to others: it must be there, bit for bit, or the
 * log is refused. The same holds for what a later record proves to have been durable ({@link DurabilityProof}). What
 * follows is taken for something that was never acknowledged: it is kept as far as it is whole, and cut where it is not.
 * What is kept is synced, since from now on it counts as durable.
 *
 * <p>Each step leaves a log from which the same recovery can begin anew, so being killed in the middle does no harm:
 * segments before the log's beginning are deleted, whose deletion was interrupted, then those behind the cut, from the last
 * to the first, then the cut is made, then the mark is moved.
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

    private final Path directory;
    private final DurableMark mark;
    private final Syncer syncer;
    private final LogIndex index;
    private final SegmentStarts starts = new SegmentStarts();

    private NavigableMap<Integer, Path> segments;
    private int lastSegment;
    private long lastPosition;
    private long lastNumber;

    /** Where nothing followed the last record. */
    private Path endFile;

    private long endPosition;

    private LogRecovery(Path directory, DurableMark mark, Syncer syncer, boolean findsEntries) {
        this.directory = directory;
        this.mark = mark;
        this.syncer = syncer;
        DurableMark.Base base = mark.mark().base();
        this.index = new LogIndex(base.firstIndex(), findsEntries);
        this.lastSegment = base.segment() - 1;
        this.lastNumber = base.recordsBefore();
    }

    /**
     * What was found.
     *
     * @param index of all entries
     * @param starts what each segment begins with
     * @param lastSegment the number of the last segment that is left; below that of the first when there is none
     * @param lastNumber the number of the last record
     */
    record Recovered(LogIndex index, SegmentStarts starts, int lastSegment, long lastNumber) {}

    /** Recovers the log of a directory. Afterwards all its segments are sealed. */
    static Recovered recover(Path directory, DurableMark mark, Syncer syncer) {
        return recover(directory, mark, syncer, false);
    }

    /** @param findsEntries whether the index knows of single entries where they lie */
    static Recovered recover(Path directory, DurableMark mark, Syncer syncer, boolean findsEntries) {
        return new LogRecovery(directory, mark, syncer, findsEntries).recover();
    }

    private Recovered recover() {
        try {
            segments = SegmentFiles.list(directory);
            segments.headMap(mark.mark().base().segment(), false).clear();
            boolean isWhole = scanSegments();
            if (lastNumber < mark.mark().number()) {
                throw acknowledgedRecordsAreMissing();
            }
            if (isWhole && !segments.isEmpty()) {
                refuseIfDurable(endFile, endPosition, "the records end here", null);
            }
            cut();
            seal();
            SegmentFiles.deleteChronicleTable(directory);
            DurableFiles.forceDirectory(directory);
            if (lastNumber > mark.mark().number()) {
                mark.move(lastSegment, lastPosition, lastNumber);
            }
            return new Recovered(index, starts, lastSegment, lastNumber);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("recover the log in", directory, e);
        }
    }

    private StorageException acknowledgedRecordsAreMissing() {
        DurableMark.Mark known = mark.mark();
        String found = segments.isEmpty() ? "has no segment" : "ends with record " + lastNumber;
        return new StorageException("the log in " + directory + " " + found + ", but " + mark.file() + " says that "
                + known.number() + " records were acknowledged, the last in segment " + known.segment()
                + " up to position "
                + known.position() + " ("
                + SegmentFiles.sealed(directory, known.segment()).getFileName() + " or "
                + SegmentFiles.active(directory, known.segment()).getFileName() + ")");
    }

    /**
     * Reads segment by segment up to the first place where the log does not go on.
     *
     * @return whether that is the end, and not something damaged
     */
    private boolean scanSegments() {
        for (Map.Entry<Integer, Path> segment : segments.entrySet()) {
            Path file = segment.getValue();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                if (!scanSegment(
                        segment.getKey(),
                        file,
                        new SegmentScanner(channel, mark.mark().salt()))) {
                    return false;
                }
            } catch (IOException e) {
                throw new StorageException("cannot read " + file + ": " + e.getMessage(), e);
            }
        }
        return true;
    }

    /** Returns whether a later segment may go on where this one ends. */
    private boolean scanSegment(int number, Path file, SegmentScanner scanner) throws IOException {
        DurableMark.Mark known = mark.mark();
        try {
            SegmentScanner.Scanned scanned = scanner.next();
            while (scanned != null) {
                checkContinues(scanned.header());
                starts.note(number, lastNumber, scanned.header().firstIndex());
                index.append(number, scanned.position(), scanned.header().length(), scanned.entries());
                lastNumber = scanned.header().number();
                lastSegment = number;
                lastPosition = scanner.position();
                endFile = null;
                scanned = scanner.next();
            }
        } catch (DamagedRecordException e) {
            long position = scanner.examined();
            if (known.covers(number, position)) {
                throw new StorageException(
                        "damaged log: " + file + " at position " + position + ": " + e.getMessage(), e);
            }
            refuseIfDurable(file, position, e.getMessage(), e);
            LOG.warn(
                    "Cutting {} at position {}, above which nothing is known to have been acknowledged: {}",
                    file,
                    position,
                    e.getMessage());
            return false;
        }
        if (number == known.segment() && scanner.position() < known.position()) {
            throw new StorageException("damaged log: " + file + " at position " + scanner.examined()
                    + ": the records end here, but were acknowledged up to position " + known.position());
        }
        if (endFile == null) {
            endFile = file;
            endPosition = scanner.examined();
        }
        return true;
    }

    /** The record that should follow the last good one may have been acknowledged, though the mark does not cover it. */
    private void refuseIfDurable(Path file, long position, String what, DamagedRecordException cause)
            throws IOException {
        Optional<DurabilityProof> proof = DurabilityProof.search(
                segments, lastSegment, lastPosition, lastNumber + 1, mark.mark().salt());
        if (proof.isPresent()) {
            throw new StorageException(
                    "damaged log: " + file + " at position " + position + ": " + what + ", but " + proof.get(), cause);
        }
    }

    private void checkContinues(LogRecord.Header header) throws DamagedRecordException {
        if (header.number() != lastNumber + 1) {
            throw new DamagedRecordException("record " + header.number() + " follows record " + lastNumber);
        }
        if (header.firstIndex() < index.firstIndex()) {
            throw new DamagedRecordException(
                    "entry " + header.firstIndex() + " in a log that begins with entry " + index.firstIndex());
        }
        if (header.firstIndex() > index.lastIndex() + 1) {
            throw new DamagedRecordException(
                    "entry " + header.firstIndex() + " follows entry " + index.lastIndex() + " of the log");
        }
    }

    /** Removes what lies behind the last record, and makes durable what lies before it. */
    private void cut() throws IOException {
        SegmentFiles.deleteBelow(directory, mark.mark().base().segment());
        for (Map.Entry<Integer, Path> later :
                segments.tailMap(lastSegment, false).descendingMap().entrySet()) {
            Files.delete(later.getValue());
        }
        segments = segments.headMap(lastSegment, true);
        DurableFiles.forceDirectory(directory);
        for (Map.Entry<Integer, Path> segment :
                segments.tailMap(mark.mark().segment(), true).entrySet()) {
            makeDurable(segment.getKey(), segment.getValue());
        }
    }

    private void makeDurable(int number, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (number == lastSegment && channel.size() > lastPosition) {
                channel.truncate(lastPosition);
            }
            syncer.force(channel, file);
        }
    }

    private void seal() throws IOException {
        for (Map.Entry<Integer, Path> segment : segments.entrySet()) {
            Path sealed = SegmentFiles.sealed(directory, segment.getKey());
            if (!sealed.equals(segment.getValue())) {
                Files.move(segment.getValue(), sealed);
            }
        }
    }
}
