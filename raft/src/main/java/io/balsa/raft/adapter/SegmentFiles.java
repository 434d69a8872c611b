package io.balsa.raft.adapter;

import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Names the files of the log.
 *
 * <p>Chronicle names a queue file by a date; for Balsa it is nothing but the number of the segment, in days since 1970. On
 * open each is sealed: cut to its records and renamed to its plain number. Chronicle so never opens a file of an earlier
 * run, whose header, index or lock a crash may have left in any state.
 */
final class SegmentFiles {
    /** The file of the {@link DurableMark}. */
    static final String MARK = "mark";

    /** How Chronicle is told to name files: a day has one segment. */
    static final String CHRONICLE_FORMAT = "yyyyMMdd";

    private static final String CHRONICLE_SUFFIX = ".cq4";
    private static final String CHRONICLE_TABLE = "metadata.cq4t";
    private static final String SEALED_SUFFIX = ".segment";
    private static final String SPARE_SUFFIX = ".spare";
    private static final int SEALED_DIGITS = 10;

    private SegmentFiles() {}

    /** The file that Chronicle writes a segment to. */
    static Path active(Path directory, int segment) {
        return directory.resolve(
                LocalDate.ofEpochDay(segment).format(DateTimeFormatter.BASIC_ISO_DATE) + CHRONICLE_SUFFIX);
    }

    /** The file of a segment that no one writes to any more. */
    static Path sealed(Path directory, int segment) {
        String digits = Integer.toString(segment);
        return directory.resolve("0".repeat(SEALED_DIGITS - digits.length()) + digits + SEALED_SUFFIX);
    }

    /** The segments of a log by their numbers. */
    static NavigableMap<Integer, Path> list(Path directory) throws IOException {
        NavigableMap<Integer, Path> segments = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*{.cq4,.segment}")) {
            for (Path file : files) {
                Path twin = segments.put(number(file), file);
                if (twin != null) {
                    throw new StorageException(file + " and " + twin + " are the same segment");
                }
            }
        }
        return segments;
    }

    private static int number(Path file) {
        String name = file.getFileName().toString();
        String stem = name.substring(0, name.lastIndexOf('.'));
        try {
            return name.endsWith(SEALED_SUFFIX)
                    ? Integer.parseInt(stem)
                    : Math.toIntExact(
                            DateTimeFormatter.BASIC_ISO_DATE.parse(stem).getLong(ChronoField.EPOCH_DAY));
        } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
            throw new StorageException(file + " is not a segment of a log", e);
        }
    }

    /** Files of segments that a log needed no more, whose blocks can be used again. */
    static List<Path> spares(Path directory) throws IOException {
        List<Path> spares = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SPARE_SUFFIX)) {
            files.forEach(spares::add);
        }
        return spares;
    }

    /** Makes a spare of a segment that the log needs no more. */
    static void spare(Path segment) throws IOException {
        Path spare = segment.resolveSibling(number(segment) + SPARE_SUFFIX);
        Files.move(segment, spare, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes the segments below one, the oldest first. */
    static void deleteBelow(Path directory, int segment) throws IOException {
        for (Path file : list(directory).headMap(segment, false).values()) {
            Files.delete(file);
        }
    }

    /** Removes what Chronicle remembers of an earlier run: locks, and the names of files that are sealed by now. */
    static void deleteChronicleTable(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(CHRONICLE_TABLE));
    }
}
