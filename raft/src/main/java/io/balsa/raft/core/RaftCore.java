package io.balsa.raft.core;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One server of a Raft group, as a state machine without input or output: things that happen go in as {@link Input}s, what
 * is to be done about them comes out as a {@link Ready}. The same inputs always give the same outputs.
 *
 * <p>It follows the rules for servers of figure 2 of the paper (Ongaro, Ousterhout: In Search of an Understandable Consensus
 * Algorithm, extended version), with pre-vote, check-quorum and read index as in Ongaro's thesis.
 *
 * <p>Not thread-safe: one owner steps it. An {@link InvariantViolation} means that it must not be used any more, and the
 * server must halt.
 */
public final class RaftCore {
    private final ServerState server;
    private final Election election;
    private final Follower follower;
    private final ReplicatedClock clock = new ReplicatedClock();
    private final ReadIndexQueue reads;
    private final FollowerReads followerReads;
    /** What a leader has besides; null in every other role. */
    private Replication replication;

    private MembershipChanger membership;
    private LeadershipTransfer transfer;

    /**
     * A server that starts, or starts again.
     *
     * @param options how it is set up
     * @param hardState what it saved last
     * @param snapshot its latest snapshot; the log has no gap after it
     * @param log what its log holds durably; read whenever an entry is not in memory any more
     */
    public RaftCore(CoreOptions options, HardState hardState, Optional<SnapshotMetadata> snapshot, LogReader log) {
        server = new ServerState(options, hardState, snapshot, log);
        election = new Election(server);
        follower = new Follower(server);
        reads = new ReadIndexQueue(server);
        followerReads = new FollowerReads(server, new SplittableRandom(~options.seed()).nextLong());
    }

    public Role role() {
        return server.role();
    }

    public long term() {
        return server.term();
    }

    /** The leader of the current term, as far as this server knows. */
    public Optional<NodeId> leader() {
        return server.leader();
    }

    public long commitIndex() {
        return server.log.commitIndex();
    }

    /** The index of the last entry of the log, durable or not. */
    public long lastIndex() {
        return server.log.lastIndex();
    }

    /** Who belongs to the group, as far as this server knows: the latest configuration in its log, committed or not. */
    public Configuration configuration() {
        return server.configuration();
    }

    /** Whether this server was removed from the group, and knows that this is committed. */
    public boolean isRemoved() {
        return server.configuration().removed().contains(server.self)
                && server.log.configurationIndex() <= server.log.commitIndex();
    }

    /** The last entry that its latest snapshot stands for, 0 if there is none. */
    public long snapshotIndex() {
        return server.log.snapshotIndex();
    }

    /** The first entry that its log still has. */
    public long firstIndex() {
        return server.log.firstIndex();
    }

    /** What a leader knows of the other members, in the order of their names; nothing in every other role. */
    public List<MemberProgress> progress() {
        return server.isLeader() ? replication.progress() : List.of();
    }

    /** The replicated clock in milliseconds: what a leader would stamp on an entry now, for others the last stamp known. */
    public long clockMillis() {
        return server.isLeader() ? clock.stampMillis(server.nowMillis) : server.log.lastTimeMillis();
    }

    /**
     * For how many milliseconds of ticks from now whoever has applied what is committed may answer linearizable reads without
     * asking anybody; 0 without a lease. What ends it before its time is done before any message that tells of it leaves.
     */
    public long leaseMillis() {
        return server.isLeader() ? replication.leaseMillis() : 0;
    }

    /** How many milliseconds of ticks may pass before one has an effect; at least 1. */
    public long millisUntilTimeout() {
        long millis = server.isLeader()
                ? replication.millisUntilTimeout()
                : Math.min(election.millisUntilTimeout(), followerReads.millisUntilTimeout());
        return Math.max(1, millis);
    }

    /** Whether {@link #ready()} has anything to do. */
    public boolean hasReady() {
        return !server.outbox.isEmpty(server)
                || server.log.hasAppend()
                || server.log.hasCommitted()
                || (server.isLeader() && (replication.wasAnswered() || reads.wantsRound(replication)));
    }

    /** Takes over all effects since the last call. */
    public Ready ready() {
        if (server.isLeader()) {
            replication.sendEntries();
            // Not beside reads that a round has just confirmed: who gets their answers is about to ask again, and can
            // share the next.
            if (!reads.takeConfirmed() && reads.wantsRound(replication)) {
                reads.startRound(replication);
            }
        }
        return server.outbox.take(server);
    }

    /** Takes note of something that happened. */
    public void step(Input input) {
        if (input instanceof Input.Tick tick) {
            tick(tick.millis());
        } else if (input instanceof Input.Receive receive) {
            receive(receive.message());
        } else if (input instanceof Input.Propose propose) {
            propose(propose);
        } else if (input instanceof Input.ReadIndex readIndex) {
            readIndex(readIndex.requestId());
        } else if (input instanceof Input.LeaseRead leaseRead) {
            leaseRead(leaseRead.requestId());
        } else if (input instanceof Input.Persisted persisted) {
            persisted(persisted.appendSequence());
        } else if (input instanceof Input.Applied applied) {
            server.log.applied(applied.index());
        } else if (input instanceof Input.Unreachable unreachable) {
            if (server.isLeader()) {
                replication.unreachable(unreachable.peer());
            }
        } else if (input instanceof Input.ChangeMembership change) {
            changeMembership(change);
        } else if (input instanceof Input.TransferLeadership request) {
            transferLeadership(request);
        } else {
            stepSnapshot(input);
        }
    }

    private void stepSnapshot(Input input) {
        if (input instanceof Input.SnapshotTaken taken) {
            long below = server.isLeader() ? replication.mayCompactBelow(taken.compactBelow()) : taken.compactBelow();
            server.log.snapshotTaken(taken.metadata(), below);
        } else if (input instanceof Input.SnapshotChunkStored stored) {
            follower.stored(stored);
        } else if (input instanceof Input.SnapshotReceived received) {
            if (!server.isLeader()) { // A leader has all that is committed, and so all of the snapshot.
                follower.install(received.metadata());
            }
        } else if (input instanceof Input.SnapshotSendEnded ended && server.isLeader()) {
            replication.snapshotSendEnded(ended.peer());
        }
    }

    private void tick(long millis) {
        server.nowMillis += millis;
        if (server.isLeader()) {
            if (replication.hasLostMajority()) {
                // Check-quorum: whoever can't hear a majority must not go on to keep them from electing another.
                stepDown(false);
            } else {
                replication.tick();
                transfer.tick();
            }
        } else if (!election.isTimedOut()) {
            followerReads.tick();
        } else if (server.mayCampaign()) {
            followerReads.refuseAll();
            election.startPreVote();
            onVotesCounted();
        } else {
            followerReads.refuseAll();
            election.forgetLeader();
        }
    }

    private void propose(Input.Propose request) {
        List<byte[]> payloads = request.payloads();
        long firstIndex = server.log.lastIndex() + 1;
        int accepted = 0;
        while (accepted < payloads.size() && mayAppend()) {
            replication.append(request.type(), payloads.get(accepted));
            accepted++;
        }
        if (accepted > 0) {
            server.outbox.accepted(request.firstRequestId(), server.term(), firstIndex, accepted);
        }
        for (int refused = accepted; refused < payloads.size(); refused++) {
            server.outbox.refused(
                    request.firstRequestId() + refused,
                    server.isLeader() ? Ready.Refusal.Reason.BUSY : Ready.Refusal.Reason.NOT_LEADER);
        }
    }

    private boolean mayAppend() {
        return server.isLeader()
                && !transfer.isUnderWay()
                && replication.uncommittedBytes() < server.options.maxUncommittedBytes();
    }

    private void readIndex(long requestId) {
        if (server.isLeader()) {
            reads.add(requestId);
        } else {
            followerReads.add(requestId);
        }
    }

    private void leaseRead(long requestId) {
        if (leaseMillis() > 0) {
            server.outbox.confirmed(requestId, server.log.commitIndex());
        } else {
            readIndex(requestId);
        }
    }

    private void changeMembership(Input.ChangeMembership request) {
        if (!server.isLeader()) {
            server.outbox.refused(request.requestId(), Ready.Refusal.Reason.NOT_LEADER);
        } else if (transfer.isUnderWay()) {
            server.outbox.refused(
                    request.requestId(), Ready.Refusal.Reason.NOT_YET, "the leadership is being transferred");
        } else {
            membership.start(request);
        }
    }

    private void transferLeadership(Input.TransferLeadership request) {
        if (server.isLeader()) {
            transfer.start(request);
        } else {
            server.outbox.refused(request.requestId(), Ready.Refusal.Reason.NOT_LEADER);
        }
    }

    /** Whatever may follow from an answer or from the leader's own disk. */
    private void onProgress() {
        reads.confirm(replication);
        transfer.goOn();
        if (membership.advance()) {
            // It led the group up to the configuration that it is not in; from here on the others do (section 6).
            replication.mostUpToDateVoter().ifPresent(replication::handOver);
            stepDown(false);
        }
    }

    private void persisted(long appendSequence) {
        server.log.persisted(appendSequence);
        if (server.isLeader()) {
            replication.commit();
            onProgress();
        } else {
            follower.persisted();
        }
    }

    private void receive(Message message) {
        Message.checkAddressedTo(server.self, message);
        if (message.term() > server.term()) {
            receiveOfLaterTerm(message);
        } else if (message.term() < server.term()) {
            receiveOfEarlierTerm(message);
        } else {
            receiveOfThisTerm(message);
        }
    }

    /** "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (figure 2). */
    private void receiveOfLaterTerm(Message message) {
        if (message instanceof Message.PreVote preVote) {
            election.answer(preVote); // Asks about a term that does not exist yet.
        } else if (message instanceof Message.PreVoteResponse response && response.granted()) {
            receivePreVoteGranted(response);
        } else if (message instanceof Message.RequestVote request
                && !request.leadershipTransfer()
                && election.believesLeaderAlive()) {
            return; // Not even its term counts, or a server that left the group could depose leaders.
        } else if (message instanceof Message.PreVoteResponse && server.role() != Role.PRE_CANDIDATE) {
            return; // Refused, as it happens, what is not asked any more: nothing to depose a leader for.
        } else {
            becomeFollower(message.term());
            receiveOfThisTerm(message);
        }
    }

    /** "Reply false if term < currentTerm" (figure 2): the answer's term brings the sender up to date. */
    private void receiveOfEarlierTerm(Message message) {
        if (message instanceof Message.AppendEntries request) {
            server.outbox.send(new Message.AppendEntriesRejected(
                    server.self, request.from(), server.term(), request.prevLogIndex(), 0, 0, 0, 0));
        } else if (message instanceof Message.InstallSnapshot request) {
            server.outbox.send(
                    new Message.AppendEntriesRejected(server.self, request.from(), server.term(), 0, 0, 0, 0, 0));
        } else if (message instanceof Message.RequestVote request) {
            server.outbox.send(new Message.RequestVoteResponse(server.self, request.from(), server.term(), false));
        } else if (message instanceof Message.PreVote preVote) {
            election.answer(preVote);
        }
    }

    private void receiveOfThisTerm(Message message) {
        if (message instanceof Message.AppendEntries request) {
            receiveAppendEntries(request);
        } else if (message instanceof Message.AppendEntriesAccepted response) {
            if (server.isLeader()) {
                replication.handle(response);
                onProgress();
            }
        } else if (message instanceof Message.AppendEntriesRejected response) {
            if (server.isLeader()) {
                replication.handle(response);
                onProgress();
            }
        } else if (message instanceof Message.RequestVote request) {
            election.answer(request);
        } else if (message instanceof Message.RequestVoteResponse response) {
            if (server.role() == Role.CANDIDATE) {
                election.count(response.from(), response.granted());
                onVotesCounted();
            }
        } else if (message instanceof Message.PreVote preVote) {
            election.answer(preVote);
        } else if (message instanceof Message.PreVoteResponse response) {
            if (server.role() == Role.PRE_CANDIDATE && !response.granted()) {
                election.count(response.from(), false);
            }
        } else {
            receiveOfCompleteRaft(message);
        }
    }

    /** What the paper's figure 2 does not have. */
    private void receiveOfCompleteRaft(Message message) {
        if (message instanceof Message.InstallSnapshot request) {
            hearLeader(request.from());
            follower.handle(request);
        } else if (message instanceof Message.InstallSnapshotResponse response) {
            if (server.isLeader()) {
                replication.handle(response);
                onProgress();
            }
        } else if (message instanceof Message.TimeoutNow request) {
            if (server.role() == Role.FOLLOWER
                    && server.mayCampaign()
                    && server.leader().equals(Optional.of(request.from()))) {
                followerReads.refuseAll();
                election.startElection(true);
                onVotesCounted();
            }
        } else if (message instanceof Message.ReadIndexRequest request) {
            if (server.isLeader()) {
                reads.add(request);
            }
        } else if (message instanceof Message.ReadIndexResponse response) {
            if (server.role() == Role.FOLLOWER) {
                followerReads.handle(response);
            }
        }
    }

    private void receivePreVoteGranted(Message.PreVoteResponse response) {
        if (server.role() == Role.PRE_CANDIDATE && response.term() == server.term() + 1) {
            election.count(response.from(), true);
            onVotesCounted();
        }
    }

    private void receiveAppendEntries(Message.AppendEntries request) {
        hearLeader(request.from());
        follower.handle(request);
    }

    private void hearLeader(NodeId leader) {
        Invariant.check(!server.isLeader(), "at most one leader is elected in a term (election safety)");
        Invariant.check(
                server.leader().isEmpty() || server.leader().get().equals(leader),
                "all entries of a term come from its one leader (election safety)");
        server.become(Role.FOLLOWER, Optional.of(leader));
        election.heardLeader();
    }

    private void onVotesCounted() {
        if (election.verdict() != Quorum.Verdict.WON) {
            return;
        }
        if (server.role() == Role.PRE_CANDIDATE) {
            election.startElection(false);
            onVotesCounted();
        } else if (server.role() == Role.CANDIDATE) {
            becomeLeader();
        }
    }

    private void becomeLeader() {
        server.become(Role.LEADER, Optional.of(server.self));
        clock.start(server.log.lastTimeMillis(), server.nowMillis);
        replication = new Replication(server, clock);
        membership = new MembershipChanger(server, replication);
        transfer = new LeadershipTransfer(server, replication);
        replication.append(EntryType.NO_OP, new byte[0]);
    }

    private void becomeFollower(long term) {
        server.enterTerm(term);
        stepDown(true);
    }

    /**
     * Becomes a follower of nobody yet.
     *
     * @param superseded whether because of a later term
     */
    private void stepDown(boolean superseded) {
        if (server.isLeader()) {
            reads.refuseAll();
            transfer.leadershipEnded(superseded);
            membership.leadershipEnded();
            replication = null;
            membership = null;
            transfer = null;
            election.restartTimeout();
        } else {
            followerReads.refuseAll();
        }
        server.become(Role.FOLLOWER, Optional.empty());
    }
}
