package io.balsa.simulation;

import io.balsa.raft.adapter.HardStateFormat;
import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.DiskFullException;
import io.balsa.raft.port.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The disk of one simulated machine, which outlives its processes. What is written goes into sectors that are volatile until
 * they are synced; when the power fails, each volatile sector is on the disk, or not, or torn. A process that merely ends
 * leaves them all behind.
 */
final class SimulatedDisk {
    private static final int SECTOR_BYTES = 512;

    /** What the owner of the disk does to it. */
    interface Faults {
        /** Called before each operation; may end the process. */
        void beforeOperation(String operation);

        /** Called when an operation has done its work; may block, or end the process. */
        void afterOperation(String operation);
    }

    private sealed interface LogWrite {}

    private record Append(List<LogEntry> entries) implements LogWrite {}

    private record TruncatePrefix(long firstIndex) implements LogWrite {}

    /** A log as the directory of the disk has it. */
    private static final class LogImage {
        private long firstIndex = 1;
        private final List<LogEntry> entries = new ArrayList<>();

        long lastIndex() {
            return firstIndex + entries.size() - 1;
        }

        LogEntry at(long index) {
            return entries.get((int) (index - firstIndex));
        }

        void append(List<LogEntry> appended) {
            int keep = (int) (appended.get(0).index() - firstIndex);
            entries.subList(keep, entries.size()).clear();
            entries.addAll(appended);
        }

        /** Entries may be gone for good although some behind them never reached the disk. */
        void truncatePrefix(long newFirstIndex) {
            entries.subList(0, (int) Math.min(entries.size(), newFirstIndex - firstIndex))
                    .clear();
            firstIndex = newFirstIndex;
        }

        void copyFrom(LogImage other) {
            firstIndex = other.firstIndex;
            entries.clear();
            entries.addAll(other.entries);
        }

        void carryOut(LogWrite write) {
            if (write instanceof Append append) {
                append(append.entries());
            } else if (write instanceof TruncatePrefix truncate) {
                truncatePrefix(truncate.firstIndex());
            }
        }
    }

    private final String name;
    private final SplittableRandom random;
    private final LogImage visible = new LogImage();
    private final LogImage durable = new LogImage();
    private final List<LogWrite> unsynced = new ArrayList<>();
    private HardState hardState = HardState.INITIAL;
    private Optional<HardState> savingHardState = Optional.empty();
    private byte[] hardStateFile = HardStateFormat.encode(HardState.INITIAL);
    private final SimulatedSnapshotFiles snapshots = new SimulatedSnapshotFiles(() -> checkSpace("snapshots"));
    private long damagedIndex;
    private boolean hardStateDamaged;
    private boolean full;
    private boolean failing;

    SimulatedDisk(String name, SplittableRandom random) {
        this.name = name;
        this.random = random;
    }

    // ---- the log ---------------------------------------------------------------------------------------------------

    long firstIndex() {
        return visible.firstIndex;
    }

    long lastIndex() {
        return visible.lastIndex();
    }

    /** The last entry that no loss of power can take away, be it in the log or in a snapshot. */
    long durableLastIndex() {
        return Math.max(durable.lastIndex(), snapshots.lastIndex());
    }

    /** Whether an entry is on the disk for good; what a snapshot replaced counts. */
    boolean holdsDurably(long index, long term) {
        if (index < durable.firstIndex || index <= snapshots.lastIndex()) {
            return true;
        }
        return index <= durable.lastIndex() && durable.at(index).term() == term;
    }

    /** The term that was once written, for the ledger, which knows it even when the record is damaged by now. */
    long termWritten(long index) {
        return visible.at(index).term();
    }

    LogEntry entryAt(long index) {
        if (index == damagedIndex) {
            throw damaged();
        }
        return visible.at(index);
    }

    /** The latest configuration in the log, empty if there is none. */
    Optional<Configuration> latestConfiguration() {
        for (long index = visible.lastIndex(); index >= visible.firstIndex; index--) {
            if (visible.at(index).type() == EntryType.CONFIGURATION) {
                return Optional.of(Configuration.decode(visible.at(index).payload()));
            }
        }
        return Optional.empty();
    }

    void append(List<LogEntry> entries) {
        checkSpace("log");
        visible.append(entries);
        unsynced.add(new Append(List.copyOf(entries)));
    }

    private void checkSpace(String file) {
        if (failing) {
            throw new StorageException(name + "/" + file + ": input/output error");
        }
        if (full) {
            throw new DiskFullException(name + "/" + file + ": no space left on device");
        }
    }

    void truncatePrefix(long firstIndexToKeep) {
        visible.truncatePrefix(firstIndexToKeep);
        unsynced.add(new TruncatePrefix(firstIndexToKeep));
    }

    void reset(long firstIndex) {
        unsynced.clear();
        for (LogImage image : List.of(visible, durable)) {
            image.entries.clear();
            image.firstIndex = firstIndex;
        }
    }

    void sync() {
        if (failing) {
            throw new StorageException(name + "/log: input/output error while syncing");
        }
        unsynced.forEach(durable::carryOut);
        unsynced.clear();
    }

    boolean hasUnsynced() {
        return !unsynced.isEmpty();
    }

    // ---- term and vote ---------------------------------------------------------------------------------------------

    /** What was saved last, for the ledger, which knows it even when the file is damaged by now. */
    HardState hardState() {
        return hardState;
    }

    HardState loadHardState() {
        return HardStateFormat.decode(hardStateFile, name + "/hard-state");
    }

    void beginSaving(HardState state) {
        savingHardState = Optional.of(state);
    }

    void finishSaving() {
        checkSpace("hard-state");
        savingHardState.ifPresent(this::replaceHardState);
        savingHardState = Optional.empty();
    }

    /** A new file takes the place of the old one, and of what was wrong with that. */
    private void replaceHardState(HardState saved) {
        hardState = saved;
        hardStateFile = HardStateFormat.encode(saved);
        hardStateDamaged = false;
    }

    SimulatedSnapshotFiles snapshots() {
        return snapshots;
    }

    // ---- what befalls it -------------------------------------------------------------------------------------------

    /** The power fails: of what was not synced, a beginning is left at most, up to the first sector that is not whole. */
    void losePower() {
        boolean torn = false;
        for (LogWrite write : unsynced) {
            if (write instanceof Append append && !torn) {
                List<LogEntry> survivors = survivors(append.entries());
                if (!survivors.isEmpty()) {
                    durable.append(survivors);
                }
                // What follows a record that is not whole is cut away when the log is opened, be it whole or not.
                torn = survivors.size() < append.entries().size();
            } else if (write instanceof TruncatePrefix && random.nextBoolean()) {
                durable.carryOut(write);
            }
        }
        unsynced.clear();
        visible.copyFrom(durable);
        snapshots.losePower(random);
        if (random.nextBoolean()) {
            savingHardState.ifPresent(this::replaceHardState);
        }
        endProcess();
    }

    /** The entries of a write whose sectors are all on the disk and whole, as far as those before them are as well. */
    private List<LogEntry> survivors(List<LogEntry> written) {
        int lostPercent = random.nextInt(0, 60);
        List<LogEntry> survivors = new ArrayList<>();
        for (LogEntry entry : written) {
            int sectors = 1 + entry.sizeInBytes() / SECTOR_BYTES;
            for (int sector = 0; sector < sectors; sector++) {
                if (random.nextInt(100) < lostPercent) {
                    return survivors;
                }
            }
            survivors.add(entry);
        }
        return survivors;
    }

    /** The process ends, and the operating system writes the rest out sooner or later. */
    void endProcess() {
        if (savingHardState.isPresent()) {
            // The new file was renamed into place or not.
            if (random.nextBoolean()) {
                replaceHardState(savingHardState.get());
            }
            savingHardState = Optional.empty();
        }
        failing = false;
        full = false;
    }

    /** A process opens the log: it syncs what it finds, for it will vouch for it. */
    void open() {
        if (damagedIndex != 0) {
            throw damaged();
        }
        unsynced.forEach(durable::carryOut);
        unsynced.clear();
    }

    private StorageException damaged() {
        return new StorageException(name + "/log: the record of entry " + damagedIndex + " is damaged");
    }

    /** Whether the process on it can't go on. */
    boolean isFailing() {
        return failing || full;
    }

    void fill() {
        full = true;
    }

    void fail() {
        failing = true;
    }

    /** Flips a bit in a synced entry; false if there is none. */
    boolean damage() {
        if (durable.entries.isEmpty()) {
            return false;
        }
        damagedIndex = random.nextLong(durable.firstIndex, durable.lastIndex() + 1);
        return true;
    }

    /** Flips a bit in the latest snapshot; false if there is none. */
    boolean damageSnapshot() {
        return snapshots.damage(random);
    }

    /** Flips a bit in what was received of a snapshot so far, which its leader still has; false if there is nothing. */
    boolean damageReceivedSnapshot() {
        return snapshots.damageReceived(random);
    }

    /** Flips a bit in the file of term and vote, which is always there. */
    boolean damageHardState() {
        hardStateFile = SimulatedSnapshotFiles.flipped(hardStateFile, random);
        hardStateDamaged = true;
        return true;
    }

    /** Whether something on it is damaged that nothing has replaced since, be it that nobody has noticed yet. */
    boolean isDamaged() {
        return damagedIndex != 0
                || hardStateDamaged
                || (snapshots.isDamaged() && (snapshots.isLatestDamaged() || !logGoesOnFromWhatIsWhole()));
    }

    /**
     * Whether a server can start from it: term and vote and all records are whole, and so is the latest snapshot, or the log
     * still has all that went into it since an older one or since the beginning.
     */
    boolean canStart() {
        if (damagedIndex != 0 || hardStateDamaged) {
            return false;
        }
        return logGoesOnFromWhatIsWhole()
                && (!snapshots.isLatestDamaged()
                        || snapshots.latest().filter(this::logReaches).isPresent());
    }

    private boolean logGoesOnFromWhatIsWhole() {
        long whole = snapshots
                .latestWhole()
                .map(description -> description.metadata().index())
                .orElse(0L);
        return visible.firstIndex <= whole + 1;
    }

    private boolean logReaches(SnapshotDescription description) {
        long index = description.metadata().index();
        return index >= visible.firstIndex
                && index <= visible.lastIndex()
                && visible.at(index).term() == description.metadata().term();
    }

    @Override
    public String toString() {
        return "log " + durable.firstIndex + ".." + durable.lastIndex() + " durable, .." + visible.lastIndex()
                + " written, " + Describe.hardState(hardState);
    }
}
