package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps snapshots as files of {@link SnapshotFormat}, one each, and what is received of one until it is whole.
 *
 * <p>A file gets the name of a snapshot only when it is written, synced and, if it came from elsewhere, verified; the rename
 * is the step that counts. Nothing is ever held in memory but a block. A damaged file is renamed, never deleted.
 */
public final class FileSnapshotStorage implements SnapshotStorage {
    private static final Logger LOG = LoggerFactory.getLogger(FileSnapshotStorage.class);
    private static final int BUFFER_BYTES = 256 << 10;

    private final Path directory;
    private final Syncer syncer;
    // All guarded by this.
    private final NavigableMap<SnapshotOrder, Stored> snapshots = new TreeMap<>();
    private final List<String> discarded = new ArrayList<>();
    private Incoming incoming;
    private boolean receives;

    /** A snapshot on disk. */
    private static final class Stored {
        final SnapshotDescription description;
        final Path file;
        int open;
        boolean undeletable;

        Stored(SnapshotDescription description, Path file) {
            this.description = description;
            this.file = file;
        }
    }

    /**
     * Which snapshot is newer.
     *
     * @param index decides
     * @param term for order only: no two entries of one index are ever in a snapshot
     */
    private record SnapshotOrder(long index, long term) implements Comparable<SnapshotOrder> {
        static SnapshotOrder of(SnapshotMetadata metadata) {
            return new SnapshotOrder(metadata.index(), metadata.term());
        }

        @Override
        public int compareTo(SnapshotOrder other) {
            int byIndex = Long.compare(index, other.index);
            return byIndex == 0 ? Long.compare(term, other.term) : byIndex;
        }
    }

    /** How much of a snapshot is known to be stored since it was last received in this run. */
    private record Incoming(SnapshotDescription description, long nextOffset) {}

    private FileSnapshotStorage(Path directory, Syncer syncer) {
        this.directory = directory;
        this.syncer = syncer;
    }

    /**
     * Opens a directory of snapshots, which is made if it does not exist. Removes what was left half written.
     *
     * @throws StorageException if it can't be read or written; not if a snapshot is damaged, see {@link #discarded()}
     */
    public static FileSnapshotStorage open(Path directory) {
        return open(directory, Syncer.DISK);
    }

    static FileSnapshotStorage open(Path directory, Syncer syncer) {
        FileSnapshotStorage storage = new FileSnapshotStorage(directory, syncer);
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                DurableFiles.forceDirectory(directory.toAbsolutePath().getParent());
            }
            for (Path unfinished : SnapshotFiles.list(directory, "*" + SnapshotFiles.WRITING_SUFFIX)) {
                Files.delete(unfinished);
            }
            storage.find();
            return storage;
        } catch (IOException e) {
            throw DurableFiles.writeFailure("open snapshots in", directory, e);
        }
    }

    private synchronized void find() throws IOException {
        for (Path file : SnapshotFiles.list(directory, "*" + SnapshotFiles.DAMAGED_INFIX + "*")) {
            discarded.add("a damaged snapshot was set aside earlier: " + file);
        }
        for (Path file : SnapshotFiles.list(directory, "*" + SnapshotFiles.SUFFIX)) {
            try {
                SnapshotDescription description = SnapshotFiles.describe(file);
                snapshots.put(SnapshotOrder.of(description.metadata()), new Stored(description, file));
            } catch (DamagedRecordException e) {
                setAside(file, e.getMessage());
            }
        }
    }

    private void setAside(Path file, String why) throws IOException {
        Path aside = SnapshotFiles.damaged(file);
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.forceDirectory(directory);
        String what = "damaged snapshot: " + file + ": " + why + "; it is set aside as " + aside.getFileName();
        LOG.warn("{}", what);
        discarded.add(what);
    }

    @Override
    public synchronized Optional<SnapshotDescription> latest() {
        return snapshots.isEmpty()
                ? Optional.empty()
                : Optional.of(snapshots.lastEntry().getValue().description);
    }

    @Override
    public synchronized Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return Optional.ofNullable(snapshots.lowerEntry(SnapshotOrder.of(newer.metadata())))
                .map(entry -> entry.getValue().description);
    }

    @Override
    public synchronized List<String> discarded() {
        return List.copyOf(discarded);
    }

    private synchronized Optional<Stored> find(SnapshotDescription description) {
        return Optional.ofNullable(snapshots.get(SnapshotOrder.of(description.metadata())))
                .filter(stored -> stored.description.equals(description));
    }

    @Override
    public Writing write(SnapshotMetadata metadata) {
        return new FileSnapshotWriting(this, metadata, SnapshotFiles.writing(directory, metadata), syncer);
    }

    /** Gives a whole, durable file the name of a snapshot. */
    synchronized void publish(Path file, SnapshotDescription description) {
        Path published = SnapshotFiles.published(directory, description.metadata());
        try {
            Files.move(file, published, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.forceDirectory(directory);
        } catch (IOException e) {
            throw DurableFiles.writeFailure("publish", published, e);
        }
        snapshots.put(SnapshotOrder.of(description.metadata()), new Stored(description, published));
    }

    /** Whether a snapshot of this server's own would be the latest. */
    synchronized boolean isNewest(SnapshotMetadata metadata) {
        return snapshots.isEmpty() || snapshots.lastKey().index() < metadata.index();
    }

    @Override
    public synchronized Receiving receive(SnapshotDescription description) {
        Invariant.check(!receives, "one snapshot is received at a time");
        if (find(description).isPresent()) {
            return new AlreadyReceived(description);
        }
        long stored = incoming != null && incoming.description().equals(description) ? incoming.nextOffset() : -1;
        FileSnapshotReceiving receiving = FileSnapshotReceiving.open(this, directory, description, stored, syncer);
        receives = true;
        return receiving;
    }

    /** A snapshot is received no further for now. */
    synchronized void stoppedReceiving(SnapshotDescription description, long nextOffset) {
        receives = false;
        incoming = new Incoming(description, nextOffset);
    }

    @Override
    public Optional<Source> open(SnapshotDescription description) {
        synchronized (this) {
            Optional<Stored> found = find(description);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            Stored stored = found.get();
            Source source = new FileSnapshotSource(description, stored.file, () -> closed(stored));
            stored.open++;
            return Optional.of(source);
        }
    }

    private synchronized void closed(Stored stored) {
        stored.open--;
    }

    @Override
    public InputStream read(SnapshotDescription description) throws IOException {
        Path file = find(description)
                .map(stored -> stored.file)
                .orElseThrow(() -> new NoSuchFileException(SnapshotFiles.published(directory, description.metadata())
                        .toString()));
        return open(file, description);
    }

    /** Opens a file as the snapshot that it should be. */
    static InputStream open(Path file, SnapshotDescription description) throws IOException {
        InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        try {
            return new SnapshotInput(file.toString(), description, bytes);
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    @Override
    public synchronized void deleteOlder() {
        if (snapshots.isEmpty()) {
            return;
        }
        snapshots.headMap(snapshots.lastKey(), false).values().removeIf(older -> older.open == 0 && isDeleted(older));
    }

    private static boolean isDeleted(Stored older) {
        try {
            Files.deleteIfExists(older.file);
            return true;
        } catch (IOException e) {
            if (!older.undeletable) {
                LOG.warn("{} is needed no more but can't be deleted; trying again after the next one", older.file, e);
            }
            older.undeletable = true;
            return false;
        }
    }

    @Override
    public synchronized void discard(SnapshotDescription description) {
        Optional<Stored> found = find(description);
        if (found.isPresent()) {
            snapshots.remove(SnapshotOrder.of(description.metadata()));
            try {
                setAside(found.get().file, "its content is not what was written");
            } catch (IOException e) {
                throw DurableFiles.writeFailure("set aside", found.get().file, e);
            }
        }
    }

    @Override
    public void close() {
        // Files are open only in what was opened from here.
    }

    /** A snapshot that is offered by another server although it is here. */
    private record AlreadyReceived(SnapshotDescription description) implements Receiving {
        @Override
        public long nextOffset() {
            return description.sizeBytes();
        }

        @Override
        public void store(byte[] data) {
            Invariant.check(data.length == 0, "nothing is stored behind the end of a snapshot");
        }

        @Override
        public boolean publish() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
