package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** One server of a {@link CoreCluster}: a bare core, its disk, and by hand all that a driver does for it. */
final class CoreServer {
    private final CoreOptions options;
    private final Consumer<Message> network;
    private final ClusterObserver observer;
    private final CrashingDisk disk = new CrashingDisk();
    private final List<LogEntry> log = new ArrayList<>();
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
                options.maxUncommittedBytes(),
                options.maxPendingReads(),
                options.maxCachedBytes(),
                options.electionPriority(),
                options.maxClockDriftPercent());
        log.clear();
        log.addAll(disk.durableEntries());
        givenOutIndex = 0;
        appliedIndex = 0;
        seenTime = false;
        core = new RaftCore(ofThisRun, disk.hardState(), Optional.empty(), disk);
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
                seenTime |= input instanceof Input.Tick;
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
        ready.append().ifPresent(append -> {
            observer.appended(this, append);
            log.subList((int) append.entries().get(0).index() - 1, log.size()).clear();
            log.addAll(append.entries());
            disk.queue(append);
        });
        if (!ready.committed().isEmpty()) {
            givenOutIndex = ready.committed().get(ready.committed().size() - 1).index();
        }
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

    /** Makes all queued appends durable and tells the core. */
    void persist() {
        if (disk.unsyncedAppends() > 0) {
            sync(disk.unsyncedAppends());
        }
        while (isReceptive() && hasReports()) {
            report();
        }
    }

    /** The entry at an index of the log, if there is one. */
    Optional<LogEntry> entryAt(long index) {
        return index >= 1 && index <= log().size() ? Optional.of(log().get((int) index - 1)) : Optional.empty();
    }
}
