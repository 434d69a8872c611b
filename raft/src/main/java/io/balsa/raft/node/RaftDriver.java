package io.balsa.raft.node;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.CoreOptions;
import io.balsa.raft.core.Entries;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.Input;
import io.balsa.raft.core.MemberProgress;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.Role;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Clock;
import io.balsa.raft.port.HardStateStorage;
import io.balsa.raft.port.StateMachine;
import io.balsa.raft.port.Transport;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.MutableLong;

/**
 * The only one who touches the core: turns time, messages and requests into its inputs, and carries out what comes of them
 * in the order that {@link Ready} demands. Sleeps until something arrives or the core's next timeout.
 */
final class RaftDriver implements DutyCycle {
    /** What others may know of the core, as of the end of a round. */
    record Observed(
            Role role,
            long term,
            Optional<NodeId> leader,
            Configuration configuration,
            long commitIndex,
            long snapshotIndex,
            long firstIndex,
            long lastIndex,
            boolean removed) {}

    private sealed interface PeerEvent {
        /** For what it counts while it waits. */
        long bytes();
    }

    private record Arrived(Message message, long bytes) implements PeerEvent {}

    private record Unreachable(NodeId peer, long bytes) implements PeerEvent {}

    private static final int MAX_EVENTS_PER_ROUND = 1024;
    private static final int MESSAGE_OVERHEAD_BYTES = 128;
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** At most one clock entry per this time, should the state machine leave a deadline that is over. */
    private static final long CLOCK_ENTRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How many election timeouts a leader's disk may hang before it lets others lead. */
    private static final int DISK_PATIENCE = 4;

    private static final long CLOCK_REQUEST = 0;

    /** As long as the core lets entries wait. */
    private static final long GATHERING_NANOS = CoreOptions.USUAL_GATHERING_MILLIS * NANOS_PER_MILLI;

    private final NodeId self;
    private final RaftCore core;
    private final HardStateStorage hardStates;
    private final Transport transport;
    private final LogWriter logWriter;
    private final Applier applier;
    private final Optional<SnapshotTransfer> snapshots;
    private final Reports reports;
    private final Clock clock;
    private final ReadLease lease;
    private final Standing standing;
    private final Consumer<Ready.RoleChange> onRoleChange;
    private final Supplier<ClientResponse> notLeader;

    private final Mailbox<PeerEvent> peers;
    private final Mailbox<Pending> clients;
    private final AtomicLong droppedMessages = new AtomicLong();
    private final DiskWatch disk;

    private final Long2ObjectHashMap<Pending> handedOver = new Long2ObjectHashMap<>();
    private final MutableLong lastRequestId = new MutableLong(CLOCK_REQUEST);
    private final ProposalIntake proposals;
    private final ReadIntake reads;
    private long tickedNanos;
    private long clockEntryNanos;
    private long steppedPersisted;
    private long steppedApplied;
    /** Whether a whole snapshot was received of which nothing is settled yet. */
    private boolean unsettled;

    private long progressNanos;
    private volatile Observed observed;
    private volatile List<MemberProgress> progress = List.of();

    /** What a driver drives; a record, so that each part has its name where it is put in. */
    record Parts(
            NodeId self,
            RaftCore core,
            HardStateStorage hardStates,
            Transport transport,
            LogWriter logWriter,
            Applier applier,
            Optional<SnapshotTransfer> snapshots,
            Reports reports,
            PendingProposals pendingProposals,
            Clock clock,
            ReadLease lease,
            Standing standing) {}

    /**
     * @param wakeup on which this driver sleeps
     * @param notLeader the answer to whoever takes this server for the leader
     * @param onRoleChange called on the driver's thread; must only pass it on
     */
    RaftDriver(
            Parts parts,
            RaftOptions options,
            DutySignal wakeup,
            Supplier<ClientResponse> notLeader,
            Consumer<Ready.RoleChange> onRoleChange) {
        this.self = parts.self();
        this.core = parts.core();
        this.hardStates = parts.hardStates();
        this.transport = parts.transport();
        this.logWriter = parts.logWriter();
        this.applier = parts.applier();
        this.snapshots = parts.snapshots();
        this.reports = parts.reports();
        this.steppedApplied = parts.applier().lastApplied();
        this.clock = parts.clock();
        this.lease = parts.lease();
        this.standing = parts.standing();
        this.notLeader = notLeader;
        this.onRoleChange = onRoleChange;
        this.peers = new Mailbox<>(options.inboxCapacity(), options.inboxBytes(), PeerEvent::bytes, wakeup);
        this.clients = new Mailbox<>(options.inboxCapacity(), options.inboxBytes(), Pending::bytes, wakeup);
        this.disk = new DiskWatch(options.electionTimeout().toNanos() * DISK_PATIENCE);
        this.observed = observe();
        this.proposals = new ProposalIntake(
                core, parts.pendingProposals(), new ProposalGathering(GATHERING_NANOS), lastRequestId);
        this.reads = new ReadIntake(core, applier, lastRequestId, clock.nanoTime());
        this.clockEntryNanos = clock.nanoTime() - CLOCK_ENTRY_NANOS;
    }

    /**
     * Takes a message from the transport; false when it was dropped. Also of servers that this one does not know: who joins a
     * group knows nobody, and the core does what is right. From any thread.
     */
    boolean receive(Message message) {
        boolean ours = message.to().equals(self) && !message.from().equals(self);
        boolean taken = ours && peers.offer(new Arrived(message, sizeOf(message)));
        if (!taken) {
            droppedMessages.incrementAndGet();
        }
        return taken;
    }

    /** Takes the transport's word that a peer can't be reached. From any thread; may be dropped. */
    void unreachable(NodeId peer) {
        if (!peer.equals(self)) {
            peers.offer(new Unreachable(peer, MESSAGE_OVERHEAD_BYTES));
        }
    }

    /** Takes a proposal, a linearizable read or an administrator's request; false when there is no room. From any thread. */
    boolean request(Pending request) {
        return clients.offer(request);
    }

    Observed observed() {
        return observed;
    }

    /** What this leader knew of the others a moment ago; nothing unless it leads. */
    List<MemberProgress> progress() {
        return progress;
    }

    /** Messages that were not for this server or found no room. */
    long droppedMessages() {
        return droppedMessages.get();
    }

    @Override
    public void onStart() {
        tickedNanos = clock.nanoTime();
        meet(core.configuration());
        standing.observe(observed.removed());
    }

    @Override
    public int doWork() {
        int work = tick();
        work += stepReports();
        work += stepPeers();
        work += stepClients();
        proposeClockEntryWhenDue();
        if (core.hasReady()) {
            Ready ready = core.ready();
            observeChanges();
            carryOut(ready);
            work++;
        } else {
            observeChanges();
        }
        settleReceivedSnapshot();
        return work;
    }

    @Override
    public long idleNanos() {
        long now = clock.nanoTime();
        long untilTick = tickedNanos + NANOS_PER_MILLI * untilWork() - now;
        return Math.max(1, Math.min(untilTick, proposals.nanosUntilGathered(now)));
    }

    private long untilWork() {
        long millis = Math.min(core.millisUntilTimeout(), TimeUnit.HOURS.toMillis(1));
        if (core.role() == Role.LEADER) {
            // In this order: the deadline is as of what was applied, or later.
            boolean appliedAll = applier.lastApplied() == core.lastIndex();
            long deadline = applier.nextDeadlineMillis();
            if (appliedAll && deadline != StateMachine.NO_DEADLINE) {
                millis = Math.min(millis, Math.max(1, deadline - core.clockMillis()));
            }
        }
        return Math.max(1, millis);
    }

    /** Time first: after a pause of this process, the core must know of it before it believes anything else. */
    private int tick() {
        long elapsedMillis = (clock.nanoTime() - tickedNanos) / NANOS_PER_MILLI;
        if (elapsedMillis <= 0) {
            return 0;
        }
        tickedNanos += elapsedMillis * NANOS_PER_MILLI;
        core.step(new Input.Tick(elapsedMillis));
        snapshots.ifPresent(transfer -> transfer.setPaused(disk.isStalled(tickedNanos)));
        reads.endOverdue(tickedNanos);
        return 1;
    }

    private int stepReports() {
        int work = 0;
        long persisted = logWriter.persistedSequence();
        if (persisted > steppedPersisted) {
            steppedPersisted = persisted;
            disk.persisted(persisted, tickedNanos);
            core.step(new Input.Persisted(persisted));
            work++;
        }
        long applied = applier.lastApplied();
        if (applied > steppedApplied) {
            steppedApplied = applied;
            core.step(new Input.Applied(applied));
            work++;
        }
        Input report;
        while (work < MAX_EVENTS_PER_ROUND && (report = reports.poll()) != null) {
            work++;
            unsettled |= report instanceof Input.SnapshotReceived;
            core.step(report);
        }
        return work;
    }

    private int stepPeers() {
        int work = 0;
        PeerEvent event;
        while (work < MAX_EVENTS_PER_ROUND && (event = peers.poll()) != null) {
            work++;
            // The message was there before this look at the clock: a leader's lease begins when it sent, and must have
            // ended before this server votes for another, however long a pause there was in between.
            tick();
            if (core.role() == Role.LEADER && disk.isStalled(tickedNanos)) {
                // As if it were cut off: without answers it steps down, and learns of its successor then.
                droppedMessages.incrementAndGet();
            } else if (event instanceof Arrived arrived) {
                core.step(new Input.Receive(sparingTheDisk(arrived.message())));
            } else if (event instanceof Unreachable unreachable) {
                core.step(new Input.Unreachable(unreachable.peer()));
            }
        }
        return work;
    }

    /**
     * While the disk is far behind, takes only the heartbeat out of a leader's message. To the leader this looks as if the
     * entries had been lost on the way, which it can deal with; a queue that grows without bound could not be.
     */
    private Message sparingTheDisk(Message message) {
        if (message instanceof Message.AppendEntries append && !append.entries().isEmpty() && logWriter.isFull()) {
            droppedMessages.incrementAndGet();
            return new Message.AppendEntries(
                    append.from(),
                    append.to(),
                    append.term(),
                    append.prevLogIndex(),
                    append.prevLogTerm(),
                    List.of(),
                    append.leaderCommit(),
                    append.matchIndex(),
                    append.round());
        }
        return message;
    }

    private int stepClients() {
        int work = 0;
        long now = clock.nanoTime();
        Pending request;
        while (work < MAX_EVENTS_PER_ROUND && (request = clients.poll()) != null) {
            work++;
            if (request instanceof PendingRead read) {
                reads.add(read);
                continue;
            }
            if (request instanceof Proposal proposal) {
                if (logWriter.isFull()) {
                    // The followers may commit without this disk, so no other bound would hold what waits for it.
                    proposal.answer(new ClientResponse.Busy());
                } else {
                    proposals.add(proposal, now);
                }
                continue;
            }
            if (!request.handOver()) {
                continue;
            }
            proposals.propose(now);
            long requestId = ++lastRequestId.value;
            handedOver.put(requestId, request);
            core.step(((AdminRequest) request).input(requestId));
        }
        proposals.proposeWhenGathered(now);
        reads.ask(this::tick);
        return work;
    }

    /**
     * Lets the replicated clock reach the state machine's next deadline. Not while entries are under way: they carry the
     * time with them, and without a quorum an idle log would grow.
     */
    private void proposeClockEntryWhenDue() {
        if (core.role() != Role.LEADER
                || applier.lastApplied() != core.lastIndex()
                || core.clockMillis() < applier.nextDeadlineMillis()) {
            return;
        }
        long now = clock.nanoTime();
        if (now - clockEntryNanos >= CLOCK_ENTRY_NANOS) {
            clockEntryNanos = now;
            core.step(new Input.Propose(CLOCK_REQUEST, EntryType.CLOCK, new byte[0]));
        }
    }

    private void carryOut(Ready ready) {
        send(ready.messages());
        ready.hardState().ifPresent(hardStates::save);
        send(ready.messagesAfterHardState());
        ready.snapshots().installed().ifPresent(this::install);
        ready.append().ifPresent(this::append);
        if (ready.snapshots().compactBelow() > 0) {
            logWriter.compactBelow(ready.snapshots().compactBelow());
        }
        proposals.settle(ready.proposals(), (refused, requestId) -> handedOver.put(requestId, refused));
        ready.refusals().forEach(refusal -> answer(refusal.requestId(), () -> meaningOf(refusal)));
        ready.outcomes().forEach(outcome -> answer(outcome.requestId(), () -> meaningOf(outcome.result())));
        if (!ready.committed().isEmpty()) {
            applier.committed(ready.committed());
        }
        ready.reads().forEach(reads::confirmed);
        ready.configuration().ifPresent(this::meet);
        ready.roleChange().ifPresent(this::changeRole);
        snapshots.ifPresent(transfer -> transfer.carryOut(ready.snapshots()));
    }

    /** The snapshot is durable, so the log may forget what it stands for; and both must have it before what follows it. */
    private void install(Ready.Installed installed) {
        unsettled = false;
        if (installed.resetLog()) {
            logWriter.reset(installed.metadata().index() + 1);
        }
        applier.restore(snapshots.orElseThrow().receivedSnapshot(installed.metadata()));
    }

    /** The core had no use for a snapshot that is complete. */
    private void settleReceivedSnapshot() {
        if (unsettled) {
            unsettled = false;
            snapshots.ifPresent(SnapshotTransfer::settled);
        }
    }

    private void answer(long requestId, Supplier<ClientResponse> response) {
        Pending request = handedOver.remove(requestId);
        if (request != null) {
            request.answer(response.get());
            return;
        }
        reads.refused(requestId, response);
    }

    private ClientResponse meaningOf(Ready.Refusal refusal) {
        return switch (refusal.reason()) {
            case NOT_LEADER -> notLeader.get();
            case BUSY -> new ClientResponse.Busy();
            case NOT_YET -> new ClientResponse.Refused(true, refusal.detail());
            case INVALID -> new ClientResponse.Refused(false, refusal.detail());
        };
    }

    private static ClientResponse meaningOf(Ready.Outcome.Result result) {
        return switch (result) {
            case DONE -> new ClientResponse.Done();
            case TIMED_OUT -> new ClientResponse.TransferTimedOut();
            case UNKNOWN -> new ClientResponse.Unknown("the leader lost its office before it was done");
        };
    }

    private void meet(Configuration configuration) {
        transport.updateMembers(configuration);
    }

    private void append(Ready.Append append) {
        disk.submitted(append.sequence(), tickedNanos);
        logWriter.submit(append);
    }

    /** What was committed is with the applier by now, so that its proposals get their results before the rest is given up. */
    private void changeRole(Ready.RoleChange change) {
        long endedBelow = change.role() == Role.LEADER ? change.term() : change.term() + 1;
        applier.leadershipEnded(endedBelow);
        snapshots.ifPresent(transfer -> transfer.leadershipEnded(endedBelow));
        onRoleChange.accept(change);
    }

    private void send(List<Message> messages) {
        if (messages.isEmpty()) {
            return;
        }
        boolean stalled = disk.isStalled(tickedNanos);
        for (Message message : messages) {
            if (stalled && leadsOrCampaigns(message)) {
                droppedMessages.incrementAndGet();
            } else {
                transport.send(message);
            }
        }
        transport.flush();
    }

    /** What only a server sends that leads or wants to: with a disk that hangs it should do neither. */
    private static boolean leadsOrCampaigns(Message message) {
        return message instanceof Message.AppendEntries
                || message instanceof Message.PreVote
                || message instanceof Message.RequestVote;
    }

    /** Before any message leaves: whoever hears of what ends a lease, or of a commit, finds it here as well. */
    private void observeChanges() {
        lease.observe(core, tickedNanos);
        Observed now = observe();
        if (!now.equals(observed)) {
            if (now.removed() != observed.removed()) {
                standing.observe(now.removed());
            }
            observed = now;
        }
        if (now.role() != Role.LEADER) {
            progress = List.of();
        } else if (progress.isEmpty() || tickedNanos - progressNanos >= PROGRESS_NANOS) {
            progressNanos = tickedNanos;
            progress = core.progress();
        }
    }

    private Observed observe() {
        return new Observed(
                core.role(),
                core.term(),
                core.leader(),
                core.configuration(),
                core.commitIndex(),
                core.snapshotIndex(),
                core.firstIndex(),
                core.lastIndex(),
                core.isRemoved());
    }

    private static long sizeOf(Message message) {
        if (message instanceof Message.AppendEntries append) {
            return MESSAGE_OVERHEAD_BYTES + Entries.sizeOf(append.entries());
        }
        return message instanceof Message.InstallSnapshot part
                ? MESSAGE_OVERHEAD_BYTES + part.data().length
                : MESSAGE_OVERHEAD_BYTES;
    }
}
