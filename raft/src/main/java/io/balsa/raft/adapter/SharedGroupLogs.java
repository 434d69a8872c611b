package io.balsa.raft.adapter;

import io.balsa.raft.adapter.DataDirectoryException.Reason;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.GroupLogs;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.StorageException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The logs of many groups in one log on disk, so that one sync makes durable what all of them appended since the last. It lies
 * in a data directory of its own; each group has one too, for its vote and snapshots, and opens its log by {@link
 * DataDirectory#openLog(SharedGroupLogs, String)}. Thread-safe.
 *
 * <p>Its size on disk is bounded by twice what the logs hold and a few segments; what lies far behind is copied forward. Who
 * opens it reads all of it once.
 *
 * <p>A failure to write or sync is final for all of the logs: each of their methods that write throws {@link StorageException}
 * from then on.
 */
public final class SharedGroupLogs implements GroupLogs, AutoCloseable {
    private static final int READ_BYTES = 1 << 20;

    private final String where;
    private final String storeId;
    private final Journal journal;
    private final JournalCompaction compaction;
    private final Map<String, GroupState> groups = new ConcurrentHashMap<>();
    private final AtomicInteger lastNumber = new AtomicInteger();
    /** The names of those that are open, or about to be opened or removed. */
    private final Set<String> open = ConcurrentHashMap.newKeySet();

    private SharedGroupLogs(LogStorage log, String where, String storeId, int segmentBytes) {
        this.where = where;
        this.storeId = storeId;
        JournalSize size = new JournalSize(segmentBytes);
        JournalScan scan = new JournalScan();
        Collection<JournalScan.Found> found = read(log, scan, size);
        lastNumber.set(scan.lastNumber());
        journal = new Journal(log, size);
        compaction = new JournalCompaction(journal, groups.values(), lastNumber::incrementAndGet, segmentBytes);
        for (JournalScan.Found each : found) {
            groups.put(
                    each.name(),
                    new GroupState(
                            journal,
                            each.name(),
                            each.storeId(),
                            each.number(),
                            each.index(),
                            each.factsAt(),
                            each.lastAt(),
                            compaction::onFreed));
        }
        // Before the journal may begin behind their beginnings.
        scan.unfinishedCopies().forEach(copy -> journal.append(GroupRecord.encode(new GroupRecord.Remove(copy))));
    }

    private Collection<JournalScan.Found> read(LogStorage log, JournalScan scan, JournalSize size) {
        long next = log.firstIndex();
        try {
            while (next <= log.lastIndex()) {
                for (LogEntry entry : log.read(next, log.lastIndex(), READ_BYTES)) {
                    scan.take(entry);
                    size.append(next, Journal.lengthOf(entry.payload().length));
                    next++;
                }
            }
            return scan.groups();
        } catch (DamagedRecordException e) {
            String place = next > log.lastIndex() ? "" : "entry " + next + ": ";
            throw new StorageException("damaged shared log in " + where + ": " + place + e.getMessage(), e);
        }
    }

    /**
     * Opens what the groups of a host share, in plain files.
     *
     * @see #open(DataDirectory, LogStorageKind)
     */
    public static SharedGroupLogs open(DataDirectory directory) {
        return open(directory, LogStorageKind.SEGMENT);
    }

    /**
     * Opens what the groups of a host share, after recovering it if it was not closed.
     *
     * @param directory made for this and used for nothing else; closed by the caller, later than this
     * @param kind how it is written, whichever kind wrote it before
     * @throws DataDirectoryException if the directory is that of a node
     * @throws StorageException if it is missing or damaged
     * @throws MissingRuntimeFlagsException if the JVM lacks flags that this kind needs
     */
    public static SharedGroupLogs open(DataDirectory directory, LogStorageKind kind) {
        SegmentedLogStorage.Options options = SegmentedLogStorage.Options.DEFAULT;
        LogStorage log = directory.openForGroups(kind, options);
        return open(log, directory.path().toString(), directory.storeId(), options.segmentBytes());
    }

    /**
     * Takes a log for the place of all.
     *
     * @param log closed by this, also if it can't be opened
     * @param where it lies, for messages
     * @param segmentBytes about what the log can drop at once
     */
    static SharedGroupLogs open(LogStorage log, String where, String storeId, int segmentBytes) {
        try {
            return new SharedGroupLogs(log, where, storeId, segmentBytes);
        } catch (RuntimeException | Error e) {
            try {
                log.close();
            } catch (StorageException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** Where it lies, for messages. */
    String where() {
        return where;
    }

    /** What makes it one of a kind: that of its data directory. */
    public String storeId() {
        return storeId;
    }

    /** The names of the groups whose logs are here. */
    public SortedSet<String> groups() {
        return new TreeSet<>(groups.keySet());
    }

    /** The store id under which a group is known here. */
    Optional<String> storeIdOf(String group) {
        return Optional.ofNullable(groups.get(group)).map(GroupState::storeId);
    }

    /**
     * Opens the log of a group; begins one if there is none. All that it has is durable.
     *
     * @param groupStoreId of the group's data directory
     * @throws DataDirectoryException if the log is that of another data directory
     * @throws IllegalStateException if it is open already
     */
    LogStorage of(String group, String groupStoreId) {
        GroupNames.check(group);
        journal.checkUsable();
        if (!open.add(group)) {
            throw new IllegalStateException("the log of group '" + group + "' is open already; close that one first");
        }
        boolean isOpen = false;
        try {
            LogStorage opened = opened(group, groupStoreId);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                open.remove(group);
            }
        }
    }

    private LogStorage opened(String group, String groupStoreId) {
        if (!groups.containsKey(group)) {
            // At the disk, so that the journal does not begin behind a group that is not in the map yet.
            journal.atDisk(() -> groups.put(
                    group,
                    GroupState.begin(journal, group, groupStoreId, lastNumber.incrementAndGet(), compaction::onFreed)));
        }
        GroupState state = groups.get(group);
        if (!state.storeId().equals(groupStoreId)) {
            throw new DataDirectoryException(
                    Reason.OTHER_LOG,
                    "the log of group '" + group + "' in " + where + " belongs to the data directory with store id "
                            + state.storeId() + ", not to that with " + groupStoreId
                            + ": what this server said and voted is not there. If that directory is lost, remove the log"
                            + " (SharedGroupLogs.remove) and let this server join the group under a new name");
        }
        // Whoever opens a log takes what is in it for durable.
        journal.sync(state.lastAt());
        return new GroupLog(this, state);
    }

    void closed(GroupState state) {
        open.remove(state.name());
    }

    /**
     * Drops the log of a group in which this host takes no part any more; does nothing if there is none. Durable when it
     * returns. The group's data directory, if it is still there, can't be used any more then.
     *
     * @throws IllegalStateException if the log is open
     */
    public void remove(String group) {
        journal.checkUsable();
        if (!open.add(group)) {
            throw new IllegalStateException("the log of group '" + group + "' is open; close it first");
        }
        try {
            GroupState removed = groups.get(group);
            if (removed != null) {
                journal.atDisk(() -> {
                    removed.remove();
                    groups.remove(group);
                    journal.syncAll();
                });
            }
        } finally {
            open.remove(group);
        }
    }

    @Override
    public void sync() {
        sync(journal.lastIndex());
    }

    void sync(long upTo) {
        journal.sync(upTo);
        if (compaction.isOverdue()) {
            journal.atDiskIfFree(compaction::step);
        }
    }

    @Override
    public boolean hasIdleWork() {
        return journal.isUsable()
                && (journal.hasIdleWork() || journal.durableIndex() < journal.lastIndex() || compaction.isDue());
    }

    @Override
    public void idle() {
        if (hasIdleWork()) {
            journal.atDiskIfFree(this::doIdleWork);
        }
    }

    private void doIdleWork() {
        if (journal.durableIndex() < journal.lastIndex()) {
            journal.syncAll();
        }
        journal.idle();
        if (compaction.isDue()) {
            compaction.step();
        }
    }

    /**
     * Closes the files. Close the nodes first: the logs that are still open can't be written to any more. Closing twice does
     * nothing.
     */
    @Override
    public void close() {
        journal.close();
    }
}
