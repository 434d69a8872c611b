package io.balsa.raft.node;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.StateMachine;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Decides between two entries whether a snapshot is cut there, and knows what it would stand for: the last entry that was
 * applied and the configuration at it. It only says that one is due: cutting a large state takes long, and whoever runs the
 * applier may have to see to it first that this holds up nobody else. Belongs to the applier's thread.
 */
final class SnapshotTaker {
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** A state that could be cut in no time grows by so many entries to one that takes some 50 ms at worst. */
    private static final long MAX_ENTRIES_SINCE_QUICK = 100_000;

    private final CompactionPolicy policy;
    private final Optional<SnapshotWriter> writer;
    private Configuration configuration;
    private long bytes;
    private long entries;
    /** What the state is that of: the last entry that was applied, or else the snapshot that was restored. */
    private LogEntry applied;

    private SnapshotMetadata restored;
    private volatile boolean due;
    /** Whether the last one was cut in no time, and is of the state that the next will be of. */
    private boolean lastWasQuick;

    private volatile boolean mayTakeLong;

    /**
     * @param configuration in effect at the entry that is applied last
     * @param restored what the state machine began with, if it was restored
     * @param writer writes snapshots; without it none are taken
     */
    SnapshotTaker(
            CompactionPolicy policy,
            Configuration configuration,
            Optional<SnapshotMetadata> restored,
            Optional<SnapshotWriter> writer) {
        this.policy = policy;
        this.configuration = configuration;
        this.restored = restored.orElse(null);
        this.writer = writer;
    }

    /** An entry was applied. */
    void applied(LogEntry entry) {
        if (entry.type() == EntryType.CONFIGURATION) {
            configuration = Configuration.decode(entry.payload());
        }
        bytes += entry.sizeInBytes();
        entries++;
        // A node that was told of no group yet has no configuration to put into a snapshot.
        if (!configuration.isEmpty()) {
            applied = entry;
        }
        if (writer.isPresent() && (policy.isDue(bytes, entries) || writer.get().hasFailed())) {
            becomeDue();
        }
    }

    /** Has a snapshot cut although there was no reason by the policy, since the one that there is can't be used. */
    void request() {
        if (writer.isPresent()) {
            becomeDue();
        }
    }

    /** Unless one is being written, or can't be now. */
    private void becomeDue() {
        mayTakeLong = !lastWasQuick || entries > MAX_ENTRIES_SINCE_QUICK;
        due = (applied != null || restored != null) && writer.orElseThrow().isReady();
    }

    /** Whether a snapshot is to be cut before the next entry is applied. From any thread. */
    boolean isDue() {
        return due;
    }

    /** Whether a snapshot is to be cut of a state that may be large. From any thread. */
    boolean mayTakeLong() {
        return due && mayTakeLong;
    }

    /** The state was replaced by that of another server's snapshot. */
    void restored(SnapshotMetadata metadata) {
        configuration = metadata.configuration();
        restored = metadata;
        applied = null;
        due = false;
        lastWasQuick = false;
        bytes = 0;
        entries = 0;
    }

    /** Cuts the snapshot that is due, and has it written. */
    void cut(StateMachine stateMachine, Clock clock) {
        long began = clock.nanoTime();
        SnapshotMetadata metadata = applied == null
                ? restored
                : new SnapshotMetadata(applied.index(), applied.term(), applied.timeMillis(), configuration);
        StateMachine.Snapshot cut = stateMachine.cutSnapshot();
        lastWasQuick = clock.nanoTime() - began < QUICK_NANOS;
        if (cut.index() != metadata.index()) {
            cut.close();
            throw new IllegalStateException(
                    "the state machine cut a snapshot at " + cut.index() + " after applying " + metadata.index());
        }
        writer.orElseThrow().submit(new SnapshotWriter.Cut(cut, metadata));
        due = false;
        bytes = 0;
        entries = 0;
    }
}
