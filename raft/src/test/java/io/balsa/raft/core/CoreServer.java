package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One server of a {@link CoreCluster}: a bare core, its disk, and by hand all that a driver does for it. */
final class CoreServer {
    private final CoreOptions options;
    private final Consumer<Message> network;
    private final ClusterObserver observer;
    private final CrashingDisk disk = new CrashingDisk();
    private final SnapshotCourier snapshots;
    /** The log that the core has, from {@link #logFirstIndex} on. */
    private final List<LogEntry> log = new ArrayList<>();

    private long logFirstIndex;
    /** The term of the entry before the log's first one, 0 if it is not known. */
    private long logBaseTerm;
    /** The configurations that were given out to be applied, or came with a snapshot. */
    private final NavigableMap<Long, Configuration> configurations = new TreeMap<>();

    private final Deque<Long> durableSequences = new ArrayDeque<>();

    private RaftCore core;
    private Ready unsaved;
    private boolean savesAtOnce = true;
    private boolean appliesAtOnce = true;
    private long givenOutIndex;
    private long appliedIndex;
    private long runs;
    private boolean seenTime;

    CoreServer(CoreOptions options, Consumer<Message> network, ClusterObserver observer) {
        this.options = options;
        this.network = network;
        this.observer = observer;
        snapshots = new SnapshotCourier(options.self(), disk, this::send);
    }

    NodeId id() {
        return options.self();
    }

    CoreOptions options() {
        return options;
    }

    CrashingDisk disk() {
        return disk;
    }

    /** The running core. */
    RaftCore core() {
        return Objects.requireNonNull(core, () -> id() + " is down");
    }

    /** The log as the core sees it, durable or not; as the disk has it when the server is down. */
    List<LogEntry> log() {
        return Collections.unmodifiableList(isUp() ? log : disk.durableEntries());
    }

    /** The index of the first entry of {@link #log()}. */
    long logFirstIndex() {
        return isUp() ? logFirstIndex : disk.firstIndex();
    }

    /** The index of the last entry of {@link #log()}. */
    long logLastIndex() {
        return logFirstIndex() + log().size() - 1;
    }

    boolean isUp() {
        return core != null;
    }

    /** Whether the driver takes inputs: it doesn't while the disk saves the hard state. */
    boolean isReceptive() {
        return isUp() && unsaved == null;
    }

    /** Whether a hard state waits for {@link #save}. */
    boolean isSaving() {
        return unsaved != null;
    }

    /** Whether any time passed since it started. */
    boolean hasSeenTime() {
        return seenTime;
    }

    boolean isLeader() {
        return isUp() && core.role() == Role.LEADER;
    }

    /** Whether the disk saves hard states at once, or each waits for {@link #save}. */
    void setSavesAtOnce(boolean atOnce) {
        savesAtOnce = atOnce;
    }

    boolean savesHeld() {
        return !savesAtOnce;
    }

    /** Whether entries are applied at once, or wait for {@link #apply}. */
    void setAppliesAtOnce(boolean atOnce) {
        appliesAtOnce = atOnce;
    }

    void start() {
        Invariant.check(core == null, "a server starts only when it is down");
        // Another seed in each run, as a real server has.
        long seed = options.seed() + 1_000_003L * runs++;
        CoreOptions ofThisRun = new CoreOptions(
                options.self(),
                options.initialConfiguration(),
                options.heartbeatMillis(),
                options.electionTimeoutMillis(),
                seed,
                options.maxMessageBytes(),
                options.maxInflightMessages(),
                options.maxGatheringMillis(),
                options.maxUncommittedBytes(),
                options.maxPendingReads(),
                options.maxCachedBytes(),
                options.electionPriority(),
                options.maxClockDriftPercent());
        disk.recover();
        Optional<SnapshotMetadata> snapshot = disk.snapshot();
        log.clear();
        log.addAll(disk.durableEntries());
        logFirstIndex = disk.firstIndex();
        logBaseTerm = snapshot.filter(metadata -> metadata.index() == logFirstIndex - 1)
                .map(SnapshotMetadata::term)
                .orElse(0L);
        givenOutIndex = snapshot.map(SnapshotMetadata::index).orElse(0L);
        appliedIndex = givenOutIndex;
        configurations.clear();
        configurations.put(
                givenOutIndex, snapshot.map(SnapshotMetadata::configuration).orElse(options.initialConfiguration()));
        seenTime = false;
        core = new RaftCore(ofThisRun, disk.hardState(), snapshot, disk);
        observer.started(this);
        carryOutAll();
    }

    /** Stops without warning; of what was not synced, so many entries are there after all. */
    void crash(int keptEntries) {
        stop();
        disk.crash(keptEntries);
    }

    private void stop() {
        core = null;
        unsaved = null;
        durableSequences.clear();
        snapshots.forget();
    }

    void step(Input input) {
        step(List.of(input));
    }

    /** Takes several steps before any of their effects are carried out, as a driver under load does. */
    void step(List<Input> inputs) {
        Invariant.check(isReceptive(), "only a running driver takes inputs");
        try {
            for (Input input : inputs) {
                observer.stepping(this, input);
                core.step(input);
                if (input instanceof Input.Tick tick) {
                    seenTime = true;
                    snapshots.timePasses(tick.millis());
                }
                observer.stepped(this, input);
            }
        } catch (InvariantViolation violation) {
            halt(violation);
            return;
        }
        carryOutAll();
    }

    private void halt(InvariantViolation violation) {
        stop();
        disk.crash(0);
        observer.halted(this, violation);
    }

    private void carryOutAll() {
        while (isReceptive() && core.hasReady()) {
            Ready ready = core.ready();
            observer.effects(this, ready);
            ready.messages().forEach(this::send);
            if (ready.hardState().isPresent()) {
                unsaved = ready;
                if (savesAtOnce) {
                    save();
                }
            } else {
                carryOutRest(ready);
            }
            if (appliesAtOnce && isReceptive() && appliedIndex < givenOutIndex) {
                apply(givenOutIndex);
            }
        }
    }

    /** Makes the waiting hard state durable, without going on. */
    void saveOnly() {
        HardState state = unsaved.hardState().orElseThrow();
        disk.save(state);
        observer.saved(this, state);
    }

    /** Makes the waiting hard state durable and goes on with what had to wait for it. */
    void save() {
        saveOnly();
        Ready ready = unsaved;
        unsaved = null;
        carryOutRest(ready);
        carryOutAll();
    }

    private void carryOutRest(Ready ready) {
        ready.messagesAfterHardState().forEach(this::send);
        ready.snapshots().installed().ifPresent(this::install);
        if (ready.snapshots().compactBelow() > 0) {
            compact(ready.snapshots().compactBelow());
        }
        ready.append().ifPresent(append -> {
            observer.appended(this, append);
            log.subList((int) (append.entries().get(0).index() - logFirstIndex), log.size())
                    .clear();
            log.addAll(append.entries());
            disk.queue(append);
        });
        for (LogEntry entry : ready.committed()) {
            givenOutIndex = entry.index();
            if (entry.type() == EntryType.CONFIGURATION) {
                configurations.put(entry.index(), Configuration.decode(entry.payload()));
            }
        }
        snapshots.carryOut(ready.snapshots());
    }

    private void install(Ready.Installed installed) {
        SnapshotMetadata metadata = installed.metadata();
        givenOutIndex = metadata.index();
        appliedIndex = metadata.index();
        configurations.clear();
        configurations.put(metadata.index(), metadata.configuration());
        snapshots.restored(metadata.index());
        if (installed.resetLog()) {
            log.clear();
            logFirstIndex = metadata.index() + 1;
            logBaseTerm = metadata.term();
            disk.queueReset(logFirstIndex);
        }
    }

    private void compact(long firstIndexToKeep) {
        logBaseTerm = termAt(firstIndexToKeep - 1);
        log.subList(0, (int) (firstIndexToKeep - logFirstIndex)).clear();
        logFirstIndex = firstIndexToKeep;
        disk.queueTruncatePrefix(firstIndexToKeep);
    }

    /** The term of the entry at an index, 0 if it is not known any more. */
    long termAt(long index) {
        return index == logFirstIndex() - 1
                ? logBaseTerm
                : entryAt(index).map(LogEntry::term).orElse(0L);
    }

    /** What a snapshot of the state machine now would stand for; nothing if it has seen nothing since the latest. */
    Optional<SnapshotMetadata> snapshotNow() {
        Configuration configuration = configurations.floorEntry(appliedIndex).getValue();
        return appliedIndex <= core().snapshotIndex() || configuration.isEmpty()
                ? Optional.empty()
                : entryAt(appliedIndex)
                        .map(entry ->
                                new SnapshotMetadata(entry.index(), entry.term(), entry.timeMillis(), configuration));
    }

    /** What happens to this server's snapshots. */
    SnapshotCourier snapshots() {
        return snapshots;
    }

    private void send(Message message) {
        observer.sent(this, message);
        network.accept(message);
    }

    long appliedIndex() {
        return appliedIndex;
    }

    long givenOutIndex() {
        return givenOutIndex;
    }

    /** The news that the state machine is done with entries. */
    Input applied(long index) {
        appliedIndex = index;
        return new Input.Applied(index);
    }

    /** Tells the core that the state machine is done with entries. */
    void apply(long index) {
        step(applied(index));
    }

    /** Makes the oldest of the queued appends durable, without telling the core. */
    void sync(int appends) {
        durableSequences.addLast(disk.sync(appends));
    }

    /** Whether {@link #persist} has anything to do. */
    boolean hasWork() {
        return disk.unsyncedAppends() > 0 || hasReports() || snapshots.hasNews();
    }

    boolean hasReports() {
        return !durableSequences.isEmpty();
    }

    /** The report of the oldest sync that the core doesn't know of. */
    Input takeReport() {
        return new Input.Persisted(durableSequences.removeFirst());
    }

    /** Tells the core about the oldest sync that it doesn't know of. */
    void report() {
        step(takeReport());
    }

    /** Makes all queued appends durable and tells the core, also about snapshots. */
    void persist() {
        if (disk.unsyncedAppends() > 0) {
            sync(disk.unsyncedAppends());
        }
        while (isReceptive() && hasReports()) {
            report();
        }
        while (isReceptive() && snapshots.hasNews()) {
            step(snapshots.takeNews());
        }
    }

    /** The entry at an index of the log, if there is one. */
    Optional<LogEntry> entryAt(long index) {
        return index >= logFirstIndex() && index <= logLastIndex()
                ? Optional.of(log().get((int) (index - logFirstIndex())))
                : Optional.empty();
    }
}
