package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.DiskFullException;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A snapshot of another server on its way to a file. What is stored survives a restart as far as its blocks are whole. */
final class FileSnapshotReceiving implements SnapshotStorage.Receiving {
    private static final Logger LOG = LoggerFactory.getLogger(FileSnapshotReceiving.class);
    private static final int BUFFER_BYTES = 256 << 10;

    private final FileSnapshotStorage storage;
    private final SnapshotDescription description;
    private final Path part;
    private final Path descriptionFile;
    private final Syncer syncer;
    private SnapshotFileOutput output;
    private boolean ended;

    private FileSnapshotReceiving(
            FileSnapshotStorage storage,
            SnapshotDescription description,
            Path part,
            Path descriptionFile,
            Syncer syncer,
            long nextOffset) {
        this.storage = storage;
        this.description = description;
        this.part = part;
        this.descriptionFile = descriptionFile;
        this.syncer = syncer;
        this.output = new SnapshotFileOutput(part, nextOffset, syncer);
    }

    /**
     * Begins, or goes on where an earlier attempt ended.
     *
     * @param storedBytes what is known to be there of this snapshot; negative if that has to be found out
     */
    static FileSnapshotReceiving open(
            FileSnapshotStorage storage,
            Path directory,
            SnapshotDescription description,
            long storedBytes,
            Syncer syncer) {
        Path part = directory.resolve(SnapshotFiles.INCOMING_PART);
        Path descriptionFile = directory.resolve(SnapshotFiles.INCOMING_DESCRIPTION);
        try {
            long nextOffset = storedBytes;
            if (storedBytes < 0) {
                nextOffset = isOf(description, descriptionFile) ? wholeBytes(part, description) : 0;
            }
            checkRoom(directory, part, description.sizeBytes() - nextOffset);
            if (nextOffset == 0) {
                // In this order: a description never goes with what was received of another snapshot.
                Files.deleteIfExists(part);
                DurableFiles.forceDirectory(directory);
                DurableFiles.replace(descriptionFile, SnapshotFormat.encodeDescription(description), syncer);
            }
            return new FileSnapshotReceiving(storage, description, part, descriptionFile, syncer, nextOffset);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("receive", part, e);
        }
    }

    /** Better not begun than ended by a full disk: the log needs what room there is. */
    private static void checkRoom(Path directory, Path part, long bytes) throws IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (bytes > usable) {
            Files.deleteIfExists(part);
            throw new DiskFullException("cannot receive a snapshot into " + part + ": it needs " + bytes
                    + " bytes, and the disk has " + usable);
        }
    }

    private static boolean isOf(SnapshotDescription description, Path descriptionFile) {
        try {
            return SnapshotFormat.decodeDescription(Files.readAllBytes(descriptionFile))
                    .equals(description);
        } catch (IOException | DamagedRecordException e) {
            // Whatever it is, it is none that could be gone on with; it is replaced.
            return false;
        }
    }

    /** How many bytes at the beginning of what was received are right: header and whole blocks. */
    private static long wholeBytes(Path part, SnapshotDescription description) {
        if (!Files.exists(part)) {
            return 0;
        }
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(part), BUFFER_BYTES)) {
            SnapshotScanner scanner = new SnapshotScanner(bytes);
            try {
                if (!scanner.header().equals(description.metadata())) {
                    return 0;
                }
                scanner.skipBlocks();
            } catch (DamagedRecordException e) {
                LOG.info("Going on to receive {} at {}, behind which {}", part, scanner.position(), e.getMessage());
            }
            return scanner.position();
        } catch (IOException unreadable) {
            LOG.warn("What was received before in {} can't be read, and is received again", part, unreadable);
            return 0;
        }
    }

    @Override
    public long nextOffset() {
        return output.position();
    }

    @Override
    public void store(byte[] data) throws IOException {
        Invariant.check(
                data.length <= description.sizeBytes() - nextOffset(),
                "nothing is stored behind the end of a snapshot: %d bytes at %d",
                data.length,
                nextOffset());
        try {
            output.write(data, 0, data.length);
        } catch (StorageException e) {
            giveUp(e);
            throw e;
        }
    }

    /** After a failed sync nobody knows what is on disk; and on a full one the log needs the room more. */
    private void giveUp(Exception cause) {
        ended = true;
        try {
            output.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        storage.stoppedReceiving(description, 0);
    }

    @Override
    public boolean publish() throws IOException {
        Invariant.check(
                nextOffset() == description.sizeBytes(),
                "a snapshot is published when all of it is there: %d of %d bytes",
                nextOffset(),
                description.sizeBytes());
        try {
            output.sync();
        } catch (StorageException e) {
            giveUp(e);
            throw e;
        }
        String wrong = verify();
        if (!wrong.isEmpty()) {
            LOG.warn(
                    "What was received as the snapshot of index {} is none, and thrown away: {}",
                    description.metadata().index(),
                    wrong);
            beginAgain();
            return false;
        }
        storage.publish(part, description);
        end(0);
        Files.deleteIfExists(descriptionFile);
        return true;
    }

    /** In a new file: what can't be read back may have to do with the place on the disk. */
    private void beginAgain() throws IOException {
        try {
            output.close();
            Files.deleteIfExists(part);
            output = new SnapshotFileOutput(part, 0, syncer);
        } catch (IOException | StorageException e) {
            giveUp(e);
            throw e;
        }
    }

    /** Reads everything again, since only what is in the file counts. Returns what is wrong. */
    private String verify() {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(part), BUFFER_BYTES)) {
            SnapshotScanner scanner = new SnapshotScanner(bytes);
            try {
                scanner.header();
                scanner.skipBlocks();
            } catch (DamagedRecordException e) {
                return "at position " + scanner.position() + ": " + e.getMessage();
            }
            return scanner.description().equals(description)
                    ? ""
                    : "it is " + scanner.description() + " instead of " + description;
        } catch (IOException unreadable) {
            return part + " can't be read: " + unreadable.getMessage();
        }
    }

    private void end(long nextOffset) throws IOException {
        ended = true;
        output.close();
        storage.stoppedReceiving(description, nextOffset);
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        try {
            end(nextOffset());
        } catch (IOException e) {
            throw DurableFiles.writeFailure("close", part, e);
        }
    }
}
