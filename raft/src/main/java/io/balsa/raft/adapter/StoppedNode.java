package io.balsa.raft.adapter;

import io.balsa.raft.adapter.DataDirectoryException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The data directory of a node that does not run, and can't be started while this is open: to be looked through, which
 * changes no byte of it, or to be discarded.
 */
public final class StoppedNode implements AutoCloseable {
    private final Path directory;
    private final FileChannel lock;

    private StoppedNode(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Opens a directory.
     *
     * @throws DataDirectoryException if its node runs, or it is not the data directory of a node
     */
    public static StoppedNode open(Path directory) {
        Path lockFile = directory.resolve(DataDirectory.LOCK);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(lockFile, StandardOpenOption.READ);
            // Shared, since that needs no right to write; it excludes the node all the same, whose own lock is
            // exclusive.
            if (channel.tryLock(0, Long.MAX_VALUE, true) == null) {
                String holder = new String(Files.readAllBytes(lockFile), StandardCharsets.US_ASCII).strip();
                throw closing(channel, running(directory, "process " + holder));
            }
            return new StoppedNode(directory, channel);
        } catch (NoSuchFileException e) {
            throw new DataDirectoryException(
                    Reason.DAMAGED, directory + " is not the data directory of a node: there is no " + lockFile, e);
        } catch (OverlappingFileLockException e) {
            throw closing(channel, running(directory, "another node in this process"));
        } catch (IOException e) {
            throw closing(
                    channel,
                    new DataDirectoryException(
                            Reason.NOT_WRITABLE, "data directory " + directory + " cannot be read: " + e, e));
        }
    }

    private static DataDirectoryException running(Path directory, String by) {
        return new DataDirectoryException(
                Reason.IN_USE, "data directory " + directory + " is in use by " + by + "; stop the node first");
    }

    private static DataDirectoryException closing(FileChannel channel, DataDirectoryException failure) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }

    /** Who the node is, as far as the directory says. */
    public Optional<DataDirectory.Identity> identity() {
        return DataDirectory.peekIdentity(directory);
    }

    /**
     * Reads the whole log and checks it. Of a directory that holds the logs of many groups, these are checked too, and noted. Of
     * one whose log is there, it is noted that there is nothing to be found here.
     */
    public LogReport verifyLog() {
        LogReport report =
                new LogVerifier(directory.resolve(DataDirectory.LOG), DataDirectory.peekIsOfGroups(directory)).verify();
        return DataDirectory.peekSharedLog(directory)
                .map(shared -> report.withNote(placeOf(shared) + "; look through the directory with that store id"))
                .orElse(report);
    }

    /** Reads all snapshots and checks them. */
    public SnapshotReport verifySnapshots() {
        return new SnapshotVerifier(
                        directory.resolve(DataDirectory.SNAPSHOTS),
                        directory.resolve(DataDirectory.LOG),
                        DataDirectory.peekSharedLog(directory).map(StoppedNode::placeOf))
                .verify();
    }

    private static String placeOf(DataDirectory.SharedLog shared) {
        return "the log of this node is not here but in the shared log with store id " + shared.storeId()
                + ", as that of group '" + shared.group() + "'";
    }

    /**
     * Moves the directory aside, with everything in it, under a name that is not taken. The node has lost its data then: it
     * must not come back under its id.
     *
     * @return where it lies now
     */
    public Path discard() {
        Path target = free();
        try {
            Files.move(directory.toAbsolutePath(), target, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.forceDirectory(target.getParent());
            return target;
        } catch (AtomicMoveNotSupportedException e) {
            throw notMoved(target, e);
        } catch (IOException e) {
            throw notMoved(target, e);
        }
    }

    private Path free() {
        Path absolute = directory.toAbsolutePath().normalize();
        int number = 1;
        Path target = absolute.resolveSibling(absolute.getFileName() + ".discarded-" + number);
        while (Files.exists(target)) {
            number++;
            target = absolute.resolveSibling(absolute.getFileName() + ".discarded-" + number);
        }
        return target;
    }

    private DataDirectoryException notMoved(Path target, IOException cause) {
        return new DataDirectoryException(
                Reason.NOT_WRITABLE,
                "data directory " + directory + " cannot be moved to " + target + ": " + cause
                        + "; if it is a mount point, move its content elsewhere yourself",
                cause);
    }

    /** Lets the node be started again. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new DataDirectoryException(
                    Reason.NOT_WRITABLE, "the lock of " + directory + " cannot be released: " + e, e);
        }
    }
}
