package io.balsa.raft.node;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.CoreOptions;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Role;
import io.balsa.raft.core.SnapshotMetadata;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.GroupLogs;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.LogStorage;
import io.balsa.raft.port.NodeStatus;
import io.balsa.raft.port.PeerDirectory;
import io.balsa.raft.port.RaftService;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.raft.port.SnapshotStorage;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.port.Transport;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server of a Raft group, to be embedded: it replicates commands to a {@link StateMachine} of the application's and
 * answers reads from it. Thread-safe.
 *
 * <p>It owns the storages and the transport that it is given, and closes them. Whatever fails for good, be it a sync, the
 * state machine or an invariant, halts it: everything pending is answered, the transport closed, so that the others elect
 * a leader, and {@link #halted()} says why. It is never started again.
 *
 * <p>Futures of {@link #submit} are completed on threads of Raft, which their dependents must not block. Futures of
 * {@link #propose}, {@link #read} and {@link #halted} are completed on the executor of the builder, as are role listeners
 * called.
 */
public final class RaftNode implements RaftService, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final long JOIN_MILLIS = 5_000;

    private enum State {
        NEW,
        RUNNING,
        STOPPED
    }

    private final NodeId id;
    private final String clusterId;
    private final Configuration initialConfiguration;
    private final RaftOptions options;
    private final LogStorage log;
    private final HardStateStorage hardStates;
    private final Optional<SnapshotStorage> snapshots;
    private final Transport transport;
    private final Clock clock;
    private final PeerDirectory directory;
    private final Supplier<String> clientAddress;
    private final Executor executor;

    private final Outstanding callbacks;
    private final RaftDriver driver;
    private final Applier applier;
    private final Optional<SnapshotWriter> snapshotWriter;
    private final Duties duties = new Duties();
    private final Admission admission;
    private final Standing standing;

    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final AtomicReference<Throwable> haltCause = new AtomicReference<>();
    private final CompletableFuture<Void> halted = new CompletableFuture<>();
    private final CompletableFuture<Exclusion> excluded = new CompletableFuture<>();
    private final Object closing = new Object();
    private boolean closed;

    private RaftNode(Builder builder) {
        id = builder.id;
        clusterId = builder.clusterId;
        initialConfiguration = builder.configuration;
        options = builder.options;
        log = Objects.requireNonNull(builder.log, "log");
        hardStates = Objects.requireNonNull(builder.hardStates, "hardState");
        snapshots = builder.snapshots;
        transport = Objects.requireNonNull(builder.transport, "transport");
        clock = Objects.requireNonNull(builder.clock, "clock");
        directory = builder.directory;
        clientAddress = builder.clientAddress;
        executor = builder.executor;
        StateMachine stateMachine = Objects.requireNonNull(builder.stateMachine, "stateMachine");
        if (!initialConfiguration.isEmpty() && !initialConfiguration.isMember(id)) {
            throw new IllegalArgumentException(
                    "voters must contain the node itself: " + id + " is not in " + initialConfiguration.voters());
        }

        callbacks = new Outstanding(new Budget(options.maxPendingProposals(), options.maxUncommittedBytes() * 2));
        Optional<SnapshotMetadata> restored = Recovery.recover(snapshots, log, stateMachine);
        DutyRunner runner = builder.dutyRunner;
        DutySlot driverSlot = slot(runner, "raft", DutyKind.DRIVER);
        Reports reports = new Reports(driverSlot);
        PendingProposals pending = new PendingProposals(this::leaderHint);
        Optional<GroupSync> groupSync = log.shared().flatMap(builder.groupSyncs);
        // Who leaves the sync to others hardly ever waits: to reset its log, or when much of all groups is not written
        // yet.
        LogWriter logWriter = duties.add(
                slot(runner, "log", groupSync.isPresent() ? DutyKind.DRIVER : DutyKind.LOG),
                slot -> new LogWriter(log, options.maxUncommittedBytes(), clock, slot, driverSlot, groupSync));
        snapshotWriter = snapshots.map(storage -> duties.add(
                slot(runner, "snapshot", DutyKind.BULK),
                slot -> new SnapshotWriter(storage, options.compaction()::firstIndexToKeep, clock, slot, reports)));
        Optional<SnapshotTransfer> transfer = snapshots.map(storage -> duties.add(
                slot(runner, "transfer", DutyKind.BULK),
                slot -> new SnapshotTransfer(
                        id, storage, transport, clock, options, slot, reports, this::takeFreshSnapshot)));
        SnapshotTaker taker = new SnapshotTaker(
                options.compaction(),
                restored.map(SnapshotMetadata::configuration).orElse(initialConfiguration),
                restored,
                snapshotWriter);
        long appliedIndex = restored.map(SnapshotMetadata::index).orElse(0L);
        applier = duties.add(
                slot(runner, "apply", DutyKind.APPLY),
                slot -> new Applier(stateMachine, appliedIndex, taker, pending, clock, slot, driverSlot));
        RoleAnnouncer announcer = new RoleAnnouncer(id, builder.roleListener, executor);
        standing = new Standing(id, clusterId, exclusion -> complete(() -> excluded.complete(exclusion)));
        ReadLease lease = new ReadLease(clock);
        RaftDriver.Parts parts = new RaftDriver.Parts(
                id,
                newCore(restored),
                hardStates,
                transport,
                logWriter,
                applier,
                transfer,
                reports,
                pending,
                clock,
                lease,
                standing);
        driver = duties.add(
                driverSlot,
                slot -> new RaftDriver(
                        parts, options, slot, () -> new ClientResponse.NotLeader(leaderHint()), announcer::announce));
        admission = new Admission(options, clock, driver::request, lease, applier);
    }

    /** Called by a duty that is made before the applier is. */
    private void takeFreshSnapshot() {
        applier.takeSnapshot();
    }

    private RaftCore newCore(Optional<SnapshotMetadata> restored) {
        return new RaftCore(
                new CoreOptions(
                        id,
                        initialConfiguration,
                        options.heartbeatInterval().toMillis(),
                        options.electionTimeout().toMillis(),
                        options.seed().orElseGet(() -> new SecureRandom().nextLong()),
                        CoreOptions.USUAL_MESSAGE_BYTES,
                        CoreOptions.USUAL_INFLIGHT_MESSAGES,
                        CoreOptions.USUAL_GATHERING_MILLIS,
                        options.maxUncommittedBytes(),
                        options.maxPendingReads(),
                        options.maxCachedBytes(),
                        options.electionPriority(),
                        options.maxClockDriftPercent()),
                hardStates.load(),
                restored,
                log);
    }

    private DutySlot slot(DutyRunner runner, String roleName, DutyKind kind) {
        return runner.slot("balsa-" + roleName + "-" + id, kind);
    }

    /** Begins to describe a node. */
    public static Builder builder(NodeId id) {
        return new Builder(id);
    }

    /** Its name. */
    public NodeId id() {
        return id;
    }

    /**
     * Begins to take part in the group. Once only.
     *
     * @throws java.io.UncheckedIOException if the transport's address can't be listened on; the node is closed then
     */
    public void start() {
        if (!state.compareAndSet(State.NEW, State.RUNNING)) {
            throw new IllegalStateException("node " + id + " was started or closed before");
        }
        try {
            synchronized (closing) {
                if (closed) {
                    return;
                }
                transport.start(new Receiver());
                duties.start(this::halt);
            }
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
        LOG.info("node {} of {} starts, members {}", id, clusterId, members());
    }

    /**
     * Sends a request to this node only: it is refused if it needs the leader and this node is not it. The future is
     * completed on a thread of Raft.
     */
    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        State now = state.get();
        if (request instanceof ClientRequest.Status && now != State.STOPPED) {
            return CompletableFuture.completedFuture(new ClientResponse.Status(status()));
        }
        if (now != State.RUNNING) {
            return CompletableFuture.completedFuture(new ClientResponse.Unavailable(whyNotRunning()));
        }
        return request instanceof ClientRequest.ChangeMembership ? changeMembers(request) : admission.admit(request);
    }

    /** Only a leader knows the members well enough for it; others refuse what is a leader's to do anyway. */
    private CompletableFuture<ClientResponse> changeMembers(ClientRequest request) {
        RaftDriver.Observed observed = driver.observed();
        return Optional.of(observed.configuration())
                .filter(members -> observed.role() == Role.LEADER)
                .flatMap(members -> AddressCheck.refuse(request, members, transport))
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> admission.admit(request));
    }

    /**
     * Proposes a command, which is applied if this node leads and keeps leading.
     *
     * @return completed on the executor, always normally, by what became of the command
     */
    public CompletableFuture<ClientResponse> propose(byte[] command) {
        return onExecutor(command.length, new ClientRequest.Propose(command));
    }

    /**
     * Reads from the state machine of this node.
     *
     * @param minIndex for {@link ReadConsistency#SESSION}, see {@link ClientRequest.Read#minIndex()}
     * @param timeout at most how long it may take, waiting in the state machine included
     * @return completed on the executor, always normally, by the answer or why there is none
     */
    public CompletableFuture<ClientResponse> read(
            ReadConsistency consistency, long minIndex, byte[] query, Duration timeout) {
        return onExecutor(query.length, new ClientRequest.Read(consistency, minIndex, query, timeout.toMillis()));
    }

    /**
     * Changes who belongs to the group, if this node leads; one change at a time.
     *
     * @return completed on the executor, always normally: {@link ClientResponse.Done} when the change is committed, or why
     *     not
     */
    public CompletableFuture<ClientResponse> changeMembership(MembershipChange change) {
        return onExecutor(0, new ClientRequest.ChangeMembership(change));
    }

    /**
     * Hands the leadership over, if this node has it.
     *
     * @param target who shall lead; empty for the one that is most up to date
     * @return completed on the executor, always normally: {@link ClientResponse.Done} when another leads, or why not
     */
    public CompletableFuture<ClientResponse> transferLeadership(Optional<NodeId> target) {
        return onExecutor(0, new ClientRequest.TransferLeadership(target));
    }

    /** Who belongs to the group, as this node's log says, committed or not. */
    public Configuration members() {
        return driver.observed().configuration();
    }

    /** What this node says of itself, at any time; once it has stopped, it leads nobody and follows nobody. */
    public NodeStatus status() {
        RaftDriver.Observed observed = driver.observed();
        boolean stopped = state.get() == State.STOPPED;
        return new NodeStatus(
                clusterId,
                id,
                stopped ? Role.FOLLOWER : observed.role(),
                observed.term(),
                stopped ? Optional.empty() : leaderHint(),
                observed.configuration(),
                observed.commitIndex(),
                applier.lastApplied(),
                observed.snapshotIndex(),
                observed.firstIndex(),
                observed.lastIndex(),
                stopped ? List.of() : driver.progress(),
                standing.exclusion());
    }

    /**
     * Completed, on the executor, when it turns out that this node takes no part in its group any more, because it was removed
     * or the others refuse it; never otherwise. It stays up and answers as a follower that knows no leader, so that its
     * status can be asked for; whoever embeds it may close it.
     */
    public CompletableFuture<Exclusion> excluded() {
        return excluded.copy();
    }

    /**
     * Completed, on the executor, when the node has stopped: normally by {@link #close}; exceptionally, with the cause,
     * when it halted because going on could have done harm. The process that embeds it then usually ends.
     */
    public CompletableFuture<Void> halted() {
        return halted.copy();
    }

    /**
     * Stops the node, ends its threads, and closes the storages and the transport. A leader hands its office over first, see
     * {@link RaftOptions#handoverTimeout()}. What is pending is answered. Closing twice does nothing; closing before or during
     * an election, or after a halt, is all the same.
     */
    @Override
    public void close() {
        handOver();
        synchronized (closing) {
            if (closed) {
                return;
            }
            closed = true;
            stop("the node was closed");
            boolean ended = duties.join(JOIN_MILLIS);
            closeQuietly("transport", transport);
            if (ended) {
                closeQuietly("log", log);
                closeQuietly("hard state", hardStates);
                snapshots.ifPresent(storage -> closeQuietly("snapshots", storage));
            } else {
                // Closing a file under a thread that still writes to it could do more harm than leaving it open.
                LOG.warn("node {}: a thread does not end; its storage is left open", id);
            }
        }
        complete(this::tellEnd);
    }

    /**
     * So that the others need not wait for an election timeout before they have a leader again. One that does not take over in
     * time is given up, and another is asked as long as there is time.
     */
    private void handOver() {
        long millis = options.handoverTimeout().toMillis();
        if (millis == 0 || state.get() != State.RUNNING || driver.observed().role() != Role.LEADER) {
            return;
        }
        long endNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        ClientResponse response;
        try {
            do {
                response = submit(new ClientRequest.TransferLeadership(Optional.empty()))
                        .get(Math.max(0, endNanos - clock.nanoTime()), TimeUnit.NANOSECONDS);
            } while (response instanceof ClientResponse.TransferTimedOut);
            LOG.info("node {} closes; handing over: {}", id, response);
        } catch (TimeoutException | ExecutionException late) {
            LOG.info("node {} closes; nobody has taken over within {} ms", id, millis);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
    }

    /** A halt stays one, also for whoever closes the node before hearing of it. */
    private void tellEnd() {
        Throwable cause = haltCause.get();
        if (cause == null) {
            halted.complete(null);
        } else {
            halted.completeExceptionally(cause);
        }
    }

    /** Counts the request until its callback is done with, so that slow callbacks refuse requests instead of piling up. */
    private CompletableFuture<ClientResponse> onExecutor(int bytes, ClientRequest request) {
        Callback callback = new Callback(bytes, callbacks);
        return callbacks.admit(callback, admitted -> {
            CompletableFuture<?> unused =
                    submit(request).whenComplete((response, failure) -> complete(() -> admitted.answer(response)));
            return true;
        });
    }

    private Optional<LeaderHint> leaderHint() {
        return driver.observed()
                .leader()
                .map(leader -> new LeaderHint(
                        leader, leader.equals(id) ? clientAddress.get() : directory.clientAddressOf(leader)));
    }

    private String whyNotRunning() {
        Throwable cause = haltCause.get();
        if (cause != null) {
            return "node " + id + " halted: " + cause.getMessage();
        }
        return "node " + id + (state.get() == State.NEW ? " has not started" : " was closed");
    }

    /** Ends everything because of a failure. On the thread that failed, which must not wait for itself or the others. */
    private void halt(Throwable cause) {
        if (state.get() == State.STOPPED || !haltCause.compareAndSet(null, cause)) {
            if (haltCause.get() != cause) {
                LOG.warn("node {}: another failure while it stops", id, cause);
            }
            return;
        }
        // Nested, since with no memory left each step may fail and the next still counts.
        try {
            stop("the node halted: " + cause.getMessage());
        } finally {
            try {
                closeQuietly("transport", transport);
                LOG.error("node {} halts", id, cause);
            } finally {
                complete(() -> halted.completeExceptionally(cause));
            }
        }
    }

    private void stop(String reason) {
        state.set(State.STOPPED);
        snapshotWriter.ifPresent(SnapshotWriter::stop);
        duties.stop();
        admission.close(reason);
    }

    private void complete(Runnable completion) {
        try {
            executor.execute(completion);
        } catch (RejectedExecutionException | OutOfMemoryError rejected) {
            LOG.warn("node {}: the executor takes no tasks ({}); completing here", id, rejected.toString());
            completion.run();
        }
    }

    private void closeQuietly(String what, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception failure) {
            LOG.warn("node {}: closing the {} failed", id, what, failure);
        }
    }

    private final class Receiver implements Transport.Receiver {
        @Override
        public boolean onMessage(Message message) {
            return driver.receive(message);
        }

        @Override
        public void onUnreachable(NodeId peer) {
            driver.unreachable(peer);
        }

        @Override
        public void onRefused(NodeId peer, Exclusion.Reason reason, String text) {
            standing.refused(peer, reason, text);
        }

        @Override
        public void onWelcome(NodeId peer) {
            standing.welcome(peer);
        }
    }

    /** Gathers what a node is made of. */
    public static final class Builder {
        private final NodeId id;
        private String clusterId = "balsa";
        private Configuration configuration;
        private LogStorage log;
        private HardStateStorage hardStates;
        private Optional<SnapshotStorage> snapshots = Optional.empty();
        private Transport transport;
        private StateMachine stateMachine;
        private Clock clock;
        private PeerDirectory directory = PeerDirectory.UNKNOWN;
        private Supplier<String> clientAddress = () -> "";
        private RaftOptions options = RaftOptions.DEFAULT;
        private RoleListener roleListener = change -> {};
        // The executor of CompletableFuture's own async methods.
        private Executor executor = new CompletableFuture<Void>().defaultExecutor();
        private DutyRunner dutyRunner = DutyRunner.ownThreads();
        private Function<GroupLogs, Optional<GroupSync>> groupSyncs = unused -> Optional.empty();

        private Builder(NodeId id) {
            this.id = Objects.requireNonNull(id, "id");
            this.configuration = Configuration.of(List.of(id));
        }

        /** The cluster that it belongs to; {@code balsa} unless set. */
        public Builder clusterId(String value) {
            clusterId = Objects.requireNonNull(value, "clusterId");
            return this;
        }

        /** All voting members of a new group, this node among them; only itself unless set. */
        public Builder voters(Collection<NodeId> value) {
            return initialConfiguration(Configuration.of(List.copyOf(value)));
        }

        /**
         * The members of a new group, the same on all of them; counts until the log or a snapshot says otherwise. {@link
         * Configuration#EMPTY} for a node that joins a group: it waits until that group's leader calls on it.
         */
        public Builder initialConfiguration(Configuration value) {
            configuration = Objects.requireNonNull(value, "initialConfiguration");
            return this;
        }

        /** Where its entries are kept. Owned by the node from then on. */
        public Builder log(LogStorage value) {
            log = value;
            return this;
        }

        /** Where its term and vote are kept. Owned by the node from then on. */
        public Builder hardState(HardStateStorage value) {
            hardStates = value;
            return this;
        }

        /** Where its snapshots are kept; none are taken or received unless set. Owned by the node from then on. */
        public Builder snapshots(SnapshotStorage value) {
            snapshots = Optional.of(value);
            return this;
        }

        /** How it reaches the others. Owned by the node from then on. */
        public Builder transport(Transport value) {
            transport = value;
            return this;
        }

        /** What it replicates. */
        public Builder stateMachine(StateMachine value) {
            stateMachine = value;
            return this;
        }

        /** Its time. */
        public Builder clock(Clock value) {
            clock = value;
            return this;
        }

        /** Where the others take clients; unknown unless set. */
        public Builder peerDirectory(PeerDirectory value) {
            directory = Objects.requireNonNull(value, "peerDirectory");
            return this;
        }

        /** {@code host:port} where this node takes clients, for those who ask it while it leads. */
        public Builder clientAddress(String value) {
            Objects.requireNonNull(value, "clientAddress");
            return clientAddress(() -> value);
        }

        /** Like {@link #clientAddress(String)}, for a port that is known only later; must not block or give null. */
        public Builder clientAddress(Supplier<String> value) {
            clientAddress = Objects.requireNonNull(value, "clientAddress");
            return this;
        }

        /** Runs its duties; each on a thread of its own unless set. */
        public Builder dutyRunner(DutyRunner value) {
            dutyRunner = Objects.requireNonNull(value, "dutyRunner");
            return this;
        }

        /** Who syncs a log that groups share; empty if the node itself does, which is the default. */
        Builder groupSyncs(Function<GroupLogs, Optional<GroupSync>> value) {
            groupSyncs = value;
            return this;
        }

        /** Timeouts and bounds. */
        public Builder options(RaftOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /** Told of role changes; one at most. */
        public Builder onRoleChange(RoleListener value) {
            roleListener = Objects.requireNonNull(value, "roleListener");
            return this;
        }

        /** Runs callbacks of the application; that of {@link CompletableFuture}'s async methods unless set. */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value, "executor");
            return this;
        }

        /**
         * Makes the node and reads its storages, but does not start it.
         *
         * @throws io.balsa.raft.port.StorageException if a storage is damaged
         * @throws IllegalArgumentException if the description is wrong; the message names what
         */
        public RaftNode build() {
            try {
                return new RaftNode(this);
            } catch (RuntimeException | Error failure) {
                closeOwned(failure);
                throw failure;
            }
        }

        private void closeOwned(Throwable failure) {
            for (AutoCloseable owned : new AutoCloseable[] {transport, log, hardStates, snapshots.orElse(null)}) {
                try {
                    if (owned != null) {
                        owned.close();
                    }
                } catch (Exception suppressed) {
                    failure.addSuppressed(suppressed);
                }
            }
        }
    }
}
