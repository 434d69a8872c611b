package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the parts of a leader's snapshot and tells where to go on; verifies the whole in the end. One that is complete must be
 * in effect before another is begun. Belongs to the thread of the {@link SnapshotTransfer}.
 */
final class SnapshotReceiver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotReceiver.class);

    private final SnapshotStorage storage;
    private SnapshotDescription description;
    private SnapshotStorage.Receiving receiving;
    private boolean failed;

    SnapshotReceiver(SnapshotStorage storage) {
        this.storage = storage;
    }

    /**
     * Takes a part.
     *
     * @return what to tell the core; nothing when the disk did not take it, so that the leader tries again later
     */
    Optional<Input> take(Message.InstallSnapshot part) {
        try {
            Input report = store(part);
            failed = false;
            return Optional.of(report);
        } catch (IOException | StorageException failure) {
            if (!failed) {
                LOG.warn(
                        "the snapshot at index {} of {} could not be stored; waiting for it to be sent again",
                        part.snapshot().metadata().index(),
                        part.from(),
                        failure);
            }
            failed = true;
            close();
            return Optional.empty();
        }
    }

    private Input store(Message.InstallSnapshot part) throws IOException {
        if (!part.snapshot().equals(description)) {
            close();
            if (storage.latest().filter(part.snapshot()::equals).isPresent()) {
                // Complete before, but the core was not told, or did not heed it.
                return new Input.SnapshotReceived(part.snapshot().metadata());
            }
            receiving = storage.receive(part.snapshot());
            description = part.snapshot();
        }
        boolean fits = part.offset() == receiving.nextOffset() && part.data().length > 0 && isIntact(part);
        if (fits) {
            receiving.store(part.data());
        }
        if (receiving.nextOffset() == description.sizeBytes() && receiving.publish()) {
            close();
            return new Input.SnapshotReceived(part.snapshot().metadata());
        }
        return new Input.SnapshotChunkStored(
                part.from(), part.term(), description.metadata().index(), receiving.nextOffset());
    }

    private static boolean isIntact(Message.InstallSnapshot part) {
        CRC32C checksum = new CRC32C();
        checksum.update(part.data());
        return (int) checksum.getValue() == part.dataChecksum();
    }

    /** Stops receiving; what is stored may be resumed. */
    @Override
    public void close() {
        SnapshotStorage.Receiving open = receiving;
        receiving = null;
        description = null;
        if (open != null) {
            open.close();
        }
    }
}
