package io.balsa.raft.adapter;

import io.balsa.raft.port.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads all snapshots of a directory from end to end and says which of them are right. Changes nothing. */
final class SnapshotVerifier {
    private static final int BUFFER_BYTES = 256 << 10;

    private final Path directory;
    private final Path log;
    private final Optional<String> elsewhere;
    private final List<SnapshotReport.Whole> whole = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Damage> damages = new ArrayList<>();

    /**
     * @param log of the same node, which must not begin behind the snapshots
     * @param elsewhere where the log is instead, if it is
     */
    SnapshotVerifier(Path directory, Path log, Optional<String> elsewhere) {
        this.directory = directory;
        this.log = log;
        this.elsewhere = elsewhere;
    }

    SnapshotReport verify() {
        if (Files.isDirectory(directory)) {
            try {
                for (Path file : SnapshotFiles.list(directory, "*" + SnapshotFiles.SUFFIX)) {
                    verify(file);
                }
                noteTheRest();
            } catch (IOException e) {
                damages.add(new Damage(directory, 0, "it can't be read: " + e.getMessage()));
            }
        }
        checkThatTheLogGoesOn();
        return new SnapshotReport(directory, List.copyOf(whole), List.copyOf(notes), List.copyOf(damages));
    }

    private void verify(Path file) {
        SnapshotScanner scanner = null;
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
            scanner = new SnapshotScanner(bytes);
            scanner.header();
            scanner.skipBlocks();
            if (!SnapshotFiles.describe(file).equals(scanner.description())) {
                throw new DamagedRecordException("its content is another than its trailer says");
            }
            whole.add(new SnapshotReport.Whole(file, scanner.description()));
        } catch (DamagedRecordException e) {
            damages.add(new Damage(file, scanner.position(), e.getMessage()));
        } catch (IOException e) {
            damages.add(new Damage(file, scanner == null ? 0 : scanner.position(), "it can't be read: " + e));
        }
    }

    private void noteTheRest() throws IOException {
        for (Path aside : SnapshotFiles.list(directory, "*" + SnapshotFiles.DAMAGED_INFIX + "*")) {
            notes.add(aside + " was found damaged earlier and set aside");
        }
        for (Path unfinished : SnapshotFiles.list(directory, "*" + SnapshotFiles.WRITING_SUFFIX)) {
            notes.add(unfinished + " was never finished, and will be deleted when the node starts");
        }
        for (Path part : SnapshotFiles.list(directory, SnapshotFiles.INCOMING_PART)) {
            notes.add(part + " is a part of another node's snapshot, of " + Files.size(part) + " bytes so far");
        }
    }

    /** What the log has dropped must be in a snapshot. */
    private void checkThatTheLogGoesOn() {
        if (elsewhere.isPresent()) {
            notes.add("whether the log goes on where a snapshot ends is not known: " + elsewhere.get());
            return;
        }
        try {
            long firstIndex =
                    DurableMark.peek(log.resolve(SegmentFiles.MARK)).base().firstIndex();
            boolean reached = firstIndex == 1
                    || whole.stream()
                            .anyMatch(each -> each.description().metadata().index() >= firstIndex - 1);
            if (!reached) {
                damages.add(new Damage(
                        directory,
                        0,
                        "the log begins with entry " + firstIndex + ", and no whole snapshot reaches up to it"));
            }
        } catch (StorageException e) {
            notes.add("whether the log goes on where a snapshot ends is not known: " + e.getMessage());
        }
    }
}
