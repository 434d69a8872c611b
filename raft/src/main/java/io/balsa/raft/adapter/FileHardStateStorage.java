package io.balsa.raft.adapter;

import io.balsa.raft.core.HardState;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Keeps term and vote in a small file of {@link HardStateFormat} that each save replaces as a whole.
 *
 * <p>A file that is damaged or missing is an error, never a fresh start: a server that forgets its vote may vote twice in
 * a term, and so elect two leaders. A new file for each save is what makes this possible. With slots that are written in
 * turns, a damaged newest slot would look like an interrupted write, and the older term in the other like the last one.
 */
public final class FileHardStateStorage implements HardStateStorage {
    private final Path file;
    private final Syncer syncer;
    private StorageException failure;

    private FileHardStateStorage(Path file, Syncer syncer) {
        this.file = Objects.requireNonNull(file, "file");
        this.syncer = syncer;
    }

    /**
     * Makes the file of a server that has never run.
     *
     * @throws StorageException if there is one already, or it can't be written
     */
    public static void create(Path file) {
        if (Files.exists(file)) {
            throw new StorageException("there is a term and vote in " + file + " already");
        }
        new FileHardStateStorage(file, Syncer.DISK).save(HardState.INITIAL);
    }

    /**
     * Opens the file of a server.
     *
     * @throws StorageException if it is missing or damaged
     */
    public static FileHardStateStorage open(Path file) {
        return open(file, Syncer.DISK);
    }

    static FileHardStateStorage open(Path file, Syncer syncer) {
        FileHardStateStorage storage = new FileHardStateStorage(file, syncer);
        storage.load();
        return storage;
    }

    @Override
    public HardState load() {
        try {
            return HardStateFormat.decode(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new StorageException("the term and vote of this server are missing: there is no " + file, e);
        } catch (IOException e) {
            throw new StorageException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void save(HardState state) {
        if (failure != null) {
            throw new StorageException("cannot save after an earlier failure: " + failure.getMessage(), failure);
        }
        try {
            DurableFiles.replace(file, HardStateFormat.encode(state), syncer);
        } catch (IOException e) {
            failure = DurableFiles.writeFailure("save term and vote to", file, e);
            throw failure;
        }
    }

    @Override
    public void close() {
        // No file stays open between saves.
    }
}
