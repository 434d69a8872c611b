package io.balsa.raft.port;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the snapshots of one group. A snapshot is there wholly or not at all, whenever the process or the machine stops.
 *
 * <p>The {@linkplain SnapshotDescription#checksum() checksum} of a snapshot is that of its bytes as they are transferred: two
 * snapshots with equal metadata, sizes and checksums are the same. An implementation may choose which checksum, but all
 * servers of a group must use the same one.
 *
 * <p>The methods may be called from several threads, but one snapshot at a time is written, and one received.
 *
 * <p>Every method may throw {@link StorageException}: the disk failed, or a snapshot is damaged. A node that can't read the
 * snapshot that its log begins with must halt. A {@link DiskFullException} says that a snapshot could not be written or
 * received for want of room; nothing is left of it then, and everything else is as it was.
 */
public interface SnapshotStorage extends AutoCloseable {
    /** The newest whole snapshot. Its content is not verified yet. */
    Optional<SnapshotDescription> latest();

    /**
     * The newest whole snapshot that is older than a given one and not deleted yet: what is left when that proves damaged. Its
     * content is not verified yet.
     */
    default Optional<SnapshotDescription> before(SnapshotDescription newer) {
        return Optional.empty();
    }

    /**
     * Begins to write a snapshot of this server's own. It becomes the latest by {@link Writing#publish}, provided that it is
     * newer than that.
     */
    Writing write(SnapshotMetadata metadata);

    /**
     * Begins or goes on to receive a snapshot of another server. What is there of an earlier attempt at the same snapshot
     * counts; any other unfinished one is thrown away.
     */
    Receiving receive(SnapshotDescription description);

    /**
     * Opens a snapshot for sending. It can be read until closed, also when newer ones are published meanwhile.
     *
     * @return empty if it is gone
     */
    Optional<Source> open(SnapshotDescription description);

    /**
     * Reads the state that a snapshot holds, as it was written to {@link Writing#output}. Reading fails with a {@link
     * SnapshotDamagedException} that names the file and the place as soon as it meets damage; the end is only reported once
     * everything before it was found right, so it has to be read to the end.
     */
    InputStream read(SnapshotDescription description) throws IOException;

    /**
     * Deletes all snapshots but the latest, as far as they are not open. Never fails: nothing depends on it, and what can't be
     * deleted now is tried again the next time.
     */
    void deleteOlder();

    /**
     * Sets a snapshot aside that proved damaged: {@link #latest()} is then an older one, if there is one, and this one may be
     * received anew. Its bytes are kept for whoever wants to see what happened.
     */
    void discard(SnapshotDescription description);

    /** What was set aside, now or in earlier runs: one line for each snapshot, that says what and why, for the operator. */
    List<String> discarded();

    @Override
    void close();

    /** A snapshot that is being written. Used by one thread. */
    interface Writing extends AutoCloseable {
        /** Takes the state; buffered. */
        OutputStream output();

        /**
         * Makes what was written durable, and then, in one step, the latest snapshot.
         *
         * @return the latest snapshot now: this one, unless a newer one was received in the meantime
         */
        SnapshotDescription publish() throws IOException;

        /** Throws away what is not published. */
        @Override
        void close();
    }

    /** A snapshot that is being received. Used by one thread. */
    interface Receiving extends AutoCloseable {
        /** The bytes before this offset are stored. */
        long nextOffset();

        /** Stores the bytes at {@link #nextOffset()}. */
        void store(byte[] data) throws IOException;

        /**
         * Verifies the whole, makes it durable and, in one step, the latest snapshot.
         *
         * @return false when the bytes do not have the checksum that was announced; they are thrown away, and {@link
         *     #nextOffset()} is 0 again
         */
        boolean publish() throws IOException;

        /** Stops receiving; what is stored may be resumed. */
        @Override
        void close();
    }

    /** The bytes of a snapshot, for sending. Used by one thread. */
    interface Source extends AutoCloseable {
        SnapshotDescription description();

        /**
         * Reads up to so many bytes at an offset; fewer only at the end. What is given out was found right before.
         *
         * @throws SnapshotDamagedException if it was not
         */
        byte[] read(long offset, int maxBytes) throws IOException;

        @Override
        void close();
    }
}
