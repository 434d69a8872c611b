package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads a log from end to end and says what is in it and what is wrong with it. Changes nothing. */
final class LogVerifier {
    private final Path directory;
    /** Takes up what the log of many groups says of them; empty for the log of a node. */
    private final Optional<JournalScan> groups;

    private NavigableMap<Integer, Path> files = new TreeMap<>();
    private final List<LogReport.Segment> found = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Damage> damages = new ArrayList<>();
    private DurableMark.Mark mark;
    private LogIndex index;
    private long lastNumber;
    private long entries;

    /** Where the last good record before any damage ends; that of a segment below the first when there is none. */
    private int lastSegment;

    private long lastPosition;

    /** The last record that another one proves to have been durable. */
    private long provenNumber;

    /** After damage, the next segment is not expected to go on where it was met. */
    private boolean continues = true;

    /** For the log of a node. */
    LogVerifier(Path directory) {
        this(directory, false);
    }

    LogVerifier(Path directory, boolean isOfGroups) {
        this.directory = directory;
        this.groups = isOfGroups ? Optional.of(new JournalScan()) : Optional.empty();
    }

    LogReport verify() {
        Path markFile = directory.resolve(SegmentFiles.MARK);
        try {
            mark = DurableMark.peek(markFile);
            index = new LogIndex(mark.base().firstIndex());
            lastNumber = mark.base().recordsBefore();
            files = SegmentFiles.list(directory);
            verifySegments(files);
            if (continues && groups.isPresent()) {
                describe(groups.get());
            }
        } catch (StorageException | IOException e) {
            damages.add(new Damage(mark == null ? markFile : directory, 0, e.getMessage()));
        }
        return report();
    }

    private void describe(JournalScan scan) {
        try {
            for (JournalScan.Found group : scan.groups()) {
                LogIndex has = group.index();
                notes.add("group '" + group.name() + "', store id " + group.storeId() + ": "
                        + (has.lastIndex() < has.firstIndex()
                                ? "no entries; the next one is " + has.firstIndex()
                                : "entries " + has.firstIndex() + " to " + has.lastIndex()));
            }
        } catch (DamagedRecordException e) {
            damages.add(new Damage(directory, 0, e.getMessage()));
        }
    }

    private void verifySegments(NavigableMap<Integer, Path> segments) throws IOException {
        int first = mark.base().segment();
        if (!segments.headMap(first, false).isEmpty()) {
            notes.add(segments.headMap(first, false).size()
                    + " segments that are none of the log any more will be deleted when the node starts");
        }
        for (Map.Entry<Integer, Path> segment : segments.tailMap(first, true).entrySet()) {
            try (FileChannel channel = FileChannel.open(segment.getValue(), StandardOpenOption.READ)) {
                if (!verify(segment.getKey(), segment.getValue(), channel)) {
                    return;
                }
            } catch (IOException e) {
                damages.add(new Damage(segment.getValue(), 0, "it can't be read: " + e.getMessage()));
                continues = false;
            }
        }
        if (continues && lastNumber < mark.number()) {
            Path file = fileOf(mark.segment());
            damages.add(new Damage(
                    file,
                    mark.position(),
                    (Files.exists(file) ? "" : "the file is missing: ") + "the log ends with record " + lastNumber
                            + ", but " + mark.number() + " were acknowledged, the last up to here"));
        } else if (continues) {
            Path file = files.getOrDefault(lastSegment, directory);
            proof().ifPresent(
                            proof -> damages.add(new Damage(file, lastPosition, "the records end here, but " + proof)));
        }
    }

    /** That the record which should follow the last good one was durable, if there is a proof. */
    private Optional<DurabilityProof> proof() throws IOException {
        return DurabilityProof.search(
                // A copy, since a view knows nothing below its first segment, which is where an empty log ends.
                new TreeMap<>(files.tailMap(mark.base().segment(), true)),
                lastSegment,
                lastPosition,
                lastNumber + 1,
                mark.salt());
    }

    /** The file of a segment; where there is none, the one that it would be after a start of the node. */
    private Path fileOf(int segment) {
        return files.getOrDefault(segment, SegmentFiles.sealed(directory, segment));
    }

    /** Returns whether the log may go on behind this segment. */
    private boolean verify(int number, Path file, FileChannel channel) throws IOException {
        SegmentScanner scanner = new SegmentScanner(channel, mark.salt());
        long records = 0;
        long lowest = 0;
        long highest = 0;
        boolean mayGoOn = true;
        try {
            SegmentScanner.Scanned scanned = scanner.next();
            while (scanned != null) {
                take(number, scanned, scanner.position());
                long recordsFirst = scanned.header().firstIndex();
                lowest = records == 0 ? recordsFirst : Math.min(lowest, recordsFirst);
                highest = Math.max(highest, recordsFirst + scanned.entries().size() - 1);
                records++;
                scanned = scanner.next();
            }
            if (number == mark.segment() && scanner.position() < mark.position()) {
                damaged(
                        file,
                        scanner.examined(),
                        "the records end here, but were acknowledged up to position " + mark.position());
            }
        } catch (DamagedRecordException e) {
            mayGoOn = damageAt(number, file, scanner.examined(), e.getMessage());
        }
        found.add(new LogReport.Segment(file, channel.size(), records, lowest, highest));
        return mayGoOn;
    }

    private boolean damageAt(int segment, Path file, long position, String what) throws IOException {
        if (mark.covers(segment, position)) {
            damaged(file, position, what);
            return true;
        }
        Optional<DurabilityProof> proof = continues ? proof() : Optional.empty();
        if (proof.isPresent()) {
            damaged(file, position, what + ", but " + proof.get());
            return true;
        }
        notes.add(file + " at position " + position + ": " + what
                + "; nothing is known to have been acknowledged from here on, and it will be cut when the node starts");
        return false;
    }

    private void damaged(Path file, long position, String what) {
        damages.add(new Damage(file, position, what));
        continues = false;
    }

    private void take(int segment, SegmentScanner.Scanned scanned, long end) throws DamagedRecordException {
        LogRecord.Header header = scanned.header();
        if (continues) {
            if (header.number() != lastNumber + 1) {
                throw new DamagedRecordException("record " + header.number() + " follows record " + lastNumber);
            }
            if (header.firstIndex() < index.firstIndex() || header.firstIndex() > index.lastIndex() + 1) {
                throw new DamagedRecordException("entry " + header.firstIndex() + " in a log that begins with entry "
                        + index.firstIndex() + " and has come to entry " + index.lastIndex());
            }
            checkTerms(scanned.entries());
            if (groups.isPresent()) {
                for (LogEntry entry : scanned.entries()) {
                    groups.get().take(entry);
                }
            }
            index.append(segment, scanned.position(), header.length(), scanned.entries());
            lastSegment = segment;
            lastPosition = end;
        }
        provenNumber = Math.max(provenNumber, header.durable());
        lastNumber = header.number();
        entries += scanned.entries().size();
    }

    private void checkTerms(List<LogEntry> taken) throws DamagedRecordException {
        long before = taken.get(0).index() - 1;
        long term = before < index.firstIndex() ? 0 : index.termAt(before);
        for (LogEntry entry : taken) {
            if (entry.term() < term) {
                throw new DamagedRecordException(
                        "entry " + entry.index() + " of term " + entry.term() + " follows one of term " + term);
            }
            term = entry.term();
        }
    }

    private LogReport report() {
        if (mark == null) {
            return new LogReport(directory, found, 0, 0, 0, 0, 0, new TreeMap<>(), "unknown", notes, damages);
        }
        boolean isEmpty = index.lastIndex() < index.firstIndex();
        return new LogReport(
                directory,
                List.copyOf(found),
                index.firstIndex(),
                index.lastIndex(),
                isEmpty ? 0 : index.termAt(index.firstIndex()),
                isEmpty ? 0 : index.termAt(index.lastIndex()),
                entries,
                configurations(),
                durable(),
                List.copyOf(notes),
                List.copyOf(damages));
    }

    private String durable() {
        String marked = "record " + mark.number() + ", position " + mark.position() + " of "
                + fileOf(mark.segment()).getFileName();
        return provenNumber <= mark.number()
                ? marked
                : marked + "; by what later records say, up to record " + provenNumber;
    }

    private SortedMap<Long, Configuration> configurations() {
        SortedMap<Long, Configuration> configurations = new TreeMap<>();
        for (LogEntry entry : index.configurations()) {
            try {
                configurations.put(entry.index(), Configuration.decode(entry.payload()));
            } catch (IllegalArgumentException e) {
                LogIndex.Location location = index.locate(entry.index());
                damages.add(new Damage(
                        fileOf(location.segment()),
                        location.position(),
                        "the configuration of entry " + entry.index() + " can't be read: " + e.getMessage()));
            }
        }
        return configurations;
    }
}
