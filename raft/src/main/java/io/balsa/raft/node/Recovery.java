package io.balsa.raft.node;

import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.port.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings snapshot, log and state machine of a server that starts together, wherever the last run was interrupted. */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private static final String WAY_OUT =
            "; nothing on this disk can replace it: give the node's data up with 'balsa data discard' (or delete its data"
                    + " directory), and let it join the group under a new name";

    private final SnapshotStorage snapshots;
    private final LogStorage log;
    private final StateMachine stateMachine;

    private Recovery(SnapshotStorage snapshots, LogStorage log, StateMachine stateMachine) {
        this.snapshots = snapshots;
        this.log = log;
        this.stateMachine = stateMachine;
    }

    /**
     * Restores the latest snapshot, and lets the log begin where it leaves off if it does not reach that far.
     *
     * @return what the state machine holds now; empty if it begins with the log's first entry
     * @throws StorageException if nothing on this disk holds the beginning of the log
     */
    static Optional<SnapshotMetadata> recover(
            Optional<SnapshotStorage> snapshots, LogStorage log, StateMachine stateMachine) {
        Optional<SnapshotMetadata> restored =
                snapshots.flatMap(storage -> new Recovery(storage, log, stateMachine).restore());
        long needed = restored.map(SnapshotMetadata::index).orElse(0L) + 1;
        if (log.firstIndex() > needed) {
            throw new StorageException("the log begins at entry " + log.firstIndex() + ", but "
                    + restored.map(snapshot -> "the latest snapshot ends at " + snapshot.index())
                            .orElse("there is no snapshot of what came before")
                    + WAY_OUT);
        }
        return restored;
    }

    private Optional<SnapshotMetadata> restore() {
        Optional<SnapshotDescription> latest = snapshots.latest();
        if (latest.isEmpty()) {
            return Optional.empty();
        }
        SnapshotDescription description = latest.get();
        while (isReplaceable(description) && !isWhole(description)) {
            Optional<SnapshotDescription> older = olderThatTheLogGoesOnFrom(description);
            snapshots.discard(description);
            if (older.isEmpty()) {
                return Optional.empty();
            }
            description = older.get();
        }
        try (InputStream input = snapshots.read(description)) {
            stateMachine.restore(input);
        } catch (IOException damage) {
            throw new StorageException(
                    "the snapshot at index " + description.metadata().index() + " is damaged, and "
                            + whyTheLogDoesNotReplace(description.metadata()) + ": " + damage.getMessage() + WAY_OUT,
                    damage);
        }
        snapshots.deleteOlder();
        SnapshotMetadata metadata = description.metadata();
        if (!reaches(metadata)) {
            // The last run ended between making a leader's snapshot durable and resetting the log.
            log.reset(metadata.index() + 1);
        }
        return Optional.of(metadata);
    }

    /**
     * Whether the log still has what went into a snapshot after an older one, or after the beginning. Not if the log does not
     * reach it: then it came from a leader, to whom all of it was acknowledged.
     */
    private boolean isReplaceable(SnapshotDescription description) {
        long index = description.metadata().index();
        return index >= log.firstIndex()
                && reaches(description.metadata())
                && (log.firstIndex() == 1
                        || olderThatTheLogGoesOnFrom(description).isPresent());
    }

    private Optional<SnapshotDescription> olderThatTheLogGoesOnFrom(SnapshotDescription description) {
        return snapshots.before(description).filter(older -> older.metadata().index() >= log.firstIndex() - 1);
    }

    private String whyTheLogDoesNotReplace(SnapshotMetadata metadata) {
        if (metadata.index() > log.lastIndex()) {
            return "the log ends before it, at entry " + log.lastIndex();
        }
        if (log.firstIndex() > 1) {
            return "the log before entry " + log.firstIndex() + " is gone";
        }
        return reaches(metadata) ? "it could still be read a moment ago" : "the log has other entries in its place";
    }

    private boolean isWhole(SnapshotDescription description) {
        byte[] buffer = new byte[64 << 10];
        try (InputStream input = snapshots.read(description)) {
            int read = 0;
            while (read >= 0) {
                read = input.read(buffer);
            }
            return true;
        } catch (IOException damage) {
            LOG.warn(
                    "the snapshot at index {} is damaged; going back to what the log and older snapshots have",
                    description.metadata().index(),
                    damage);
            return false;
        }
    }

    /** Whether the log begins after a snapshot, or has its last entry. */
    private boolean reaches(SnapshotMetadata metadata) {
        long index = metadata.index();
        return index < log.firstIndex() || (index <= log.lastIndex() && log.termAt(index) == metadata.term());
    }
}
