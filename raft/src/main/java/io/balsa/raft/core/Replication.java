package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The leader's side of log replication (section 5.3 of the paper): sends entries and heartbeats, learns from the answers
 * how far each follower's log agrees, and commits (section 5.4.2). It lives for one term of leadership.
 */
final class Replication {
    /**
     * A follower has at most as many bytes in flight as this many full messages have: enough to keep a network busy, and
     * not so many that catching up fills memory, or keeps the leader from its heartbeats while it reads them.
     */
    private static final long MAX_INFLIGHT_FULL_MESSAGES = 8;

    private final ServerState server;
    private final ReplicatedClock clock;
    /** All other members, and those that are leaving until they may know of it. */
    private final SortedMap<NodeId, Progress> followers = new TreeMap<>();

    private final LeaderLease lease;
    private final long firstIndexOfTerm;
    private boolean hasLeavers;
    private long heartbeatSentMillis;
    private long uncommittedBytes;
    private long round;
    /** Whether a follower has answered since entries were sent last, so that there may be more for it. */
    private boolean answered;

    Replication(ServerState server, ReplicatedClock clock) {
        this.server = server;
        this.clock = clock;
        firstIndexOfTerm = server.log.lastIndex() + 1;
        heartbeatSentMillis = server.nowMillis;
        lease = new LeaderLease(server.options);
        meetNewMembers();
    }

    private void meetNewMembers() {
        for (NodeId member : server.configuration().members()) {
            if (!member.equals(server.self) && !followers.containsKey(member)) {
                Inflights inflights = new Inflights(
                        server.options.maxInflightMessages(),
                        MAX_INFLIGHT_FULL_MESSAGES * server.options.maxMessageBytes());
                followers.put(
                        member,
                        new Progress(
                                server.log.lastIndex() + 1,
                                inflights,
                                server.options.maxGatheringMillis(),
                                server.nowMillis));
            }
        }
    }

    /** Appends a configuration, which is in effect at once. */
    void appendConfiguration(Configuration configuration) {
        append(EntryType.CONFIGURATION, configuration.encode());
        meetNewMembers();
        // It must be on its way before it can be committed: whom it removes is sent nothing more from then on.
        followers.values().forEach(progress -> progress.endGathering(server.nowMillis));
        hasLeavers = true;
    }

    /**
     * Sends nothing more to servers that are no members any more, once that is committed: so they may know it too, and don't
     * campaign. The entry is sent to those who lack it, and the last heartbeat tells them that it is committed.
     */
    void forgetLeavers() {
        if (hasLeavers) {
            hasLeavers = false;
            sendEntries();
            sendHeartbeats();
            followers.keySet().removeIf(id -> !server.configuration().isMember(id));
        }
    }

    /** The bytes of entries that this leader has appended and not yet committed. */
    long uncommittedBytes() {
        return uncommittedBytes;
    }

    /** Appends an entry of this term; it goes out with {@link #sendEntries()}. */
    void append(EntryType type, byte[] payload) {
        LogEntry entry = new LogEntry(
                server.log.lastIndex() + 1, server.term(), type, clock.stampMillis(server.nowMillis), payload);
        server.log.append(entry);
        uncommittedBytes += entry.sizeInBytes();
    }

    /** Whether an entry of this leader's own term is committed: only then it knows everything that is (section 8). */
    boolean hasCommittedInTerm() {
        return server.log.commitIndex() >= firstIndexOfTerm;
    }

    /**
     * Sends every follower the entries that it lacks, as far as it may have them in flight. Not with each answer, but when all that
     * came together is in the log: what was proposed meanwhile then leaves in the same message.
     */
    void sendEntries() {
        answered = false;
        followers.forEach(this::sendEntries);
    }

    /** Whether a follower may get entries since it has answered. */
    boolean wasAnswered() {
        return answered;
    }

    private void sendEntries(NodeId peer, Progress progress) {
        if (!mayGoOnAfter(progress.nextIndex() - 1)) {
            sendSnapshot(peer, progress);
            return;
        }
        while (progress.nextIndex() <= server.log.lastIndex()
                && progress.maySendEntries(server.log.bytesFrom(progress.nextIndex()), server.nowMillis)) {
            List<LogEntry> entries = server.log.entries(progress.nextIndex(), server.options.maxMessageBytes());
            server.outbox.send(appendEntries(peer, progress, entries));
            progress.sent(entries.get(entries.size() - 1).index(), Entries.sizeOf(entries), server.nowMillis);
        }
    }

    /** What the follower lacks is compacted away. One that is silent may come back with any log, so it is not sent to yet. */
    private void sendSnapshot(NodeId peer, Progress progress) {
        if (!isSilent(progress) && progress.maySendSnapshot()) {
            progress.sendSnapshot(server.log.snapshotIndex());
            server.outbox.sendSnapshot(new Ready.Send(peer, server.term(), server.log.firstIndex() - 1));
        }
    }

    /** Sending a snapshot ended; if it was not installed, the follower may need another. */
    void snapshotSendEnded(NodeId peer) {
        Progress progress = followers.get(peer);
        if (progress != null && progress.mode() == Progress.Mode.SNAPSHOT) {
            progress.snapshotFailed();
        }
    }

    /** Below which index no follower needs entries, considering those who are receiving a snapshot right now. */
    long mayCompactBelow(long index) {
        long below = index;
        for (Progress progress : followers.values()) {
            if (progress.mode() == Progress.Mode.SNAPSHOT) {
                // Else it would lack entries again by the time it has the snapshot, and need the next, for ever.
                below = Math.min(below, progress.snapshotIndex() + 1);
            }
        }
        return below;
    }

    /** Sends a heartbeat to every follower when it is time to. */
    void tick() {
        if (server.nowMillis - heartbeatSentMillis >= server.options.heartbeatMillis()) {
            sendHeartbeats();
        }
        // Those that were gathered for long enough.
        sendEntries();
    }

    /** Starts a new confirmation round: an echo of it shows that this was the leader after the round began. */
    long startRound() {
        sendHeartbeats();
        return round;
    }

    private void sendHeartbeats() {
        round++;
        lease.roundBegins(round, server.nowMillis);
        heartbeatSentMillis = server.nowMillis;
        followers.forEach((peer, progress) -> server.outbox.send(appendEntries(peer, progress, List.of())));
        lease.confirmed(confirmedRound()); // The only voter of a group confirms itself.
    }

    private Message.AppendEntries appendEntries(NodeId peer, Progress progress, List<LogEntry> entries) {
        // Without anything to compare, a heartbeat still shows who leads.
        boolean comparable =
                progress.mode() != Progress.Mode.SNAPSHOT && server.log.knowsTermAt(progress.nextIndex() - 1);
        long prevLogIndex = comparable ? progress.nextIndex() - 1 : 0;
        return new Message.AppendEntries(
                server.self,
                peer,
                server.term(),
                prevLogIndex,
                server.log.termAt(prevLogIndex),
                entries,
                server.log.commitIndex(),
                progress.matchIndex(),
                round);
    }

    void handle(Message.AppendEntriesAccepted response) {
        Progress progress = followers.get(response.from());
        if (progress == null) {
            return;
        }
        Invariant.check(
                response.matchIndex() <= server.log.lastIndex(),
                "a follower acknowledges what was sent to it: %d, the leader's log ends at %d",
                response.matchIndex(),
                server.log.lastIndex());
        lease.promised(response.from(), response.loyaltyMillis());
        heard(progress, response.round());
        progress.accepted(response.matchIndex());
        progress.measureCatchUp(server.log.lastIndex(), server.nowMillis, server.options.electionTimeoutMillis());
        if (progress.mode() == Progress.Mode.SNAPSHOT && mayGoOnAfter(progress.matchIndex())) {
            progress.snapshotInstalled();
            server.outbox.snapshotEnded(response.from());
        }
        commit();
        answered = true;
    }

    private void heard(Progress progress, long echoedRound) {
        progress.heard(echoedRound, server.nowMillis);
        lease.confirmed(confirmedRound());
    }

    /** Whether the log still has all that a follower needs whose log agrees up to an index. */
    private boolean mayGoOnAfter(long index) {
        return index >= server.log.firstIndex() - 1 && server.log.knowsTermAt(index);
    }

    /** An answer about a snapshot shows, like any other, that the follower lives. */
    void handle(Message.InstallSnapshotResponse response) {
        Progress progress = followers.get(response.from());
        if (progress != null && progress.mode() == Progress.Mode.SNAPSHOT) {
            heard(progress, 0);
            server.outbox.answered(response);
        }
    }

    /**
     * Backs off by whole terms: the follower named the largest index at which its log could agree with the leader's entry,
     * and the leader now skips all of its own entries whose term is beyond the follower's there. A late refusal, of which a
     * lost message in a pipeline causes many, moves nothing and sends nothing; a lost probe is sent again when the next
     * heartbeat is answered.
     */
    void handle(Message.AppendEntriesRejected response) {
        Progress progress = followers.get(response.from());
        if (progress == null) {
            return;
        }
        lease.promised(response.from(), response.loyaltyMillis());
        heard(progress, response.round());
        if (progress.isCurrentRejection(response.prevLogIndex())) {
            long agreed = server.log.largestIndexWithTermAtMost(
                    response.conflictIndex(), response.conflictTerm(), progress.matchIndex());
            progress.probeFrom(Math.min(agreed + 1, response.prevLogIndex()));
            answered = true;
        }
    }

    void unreachable(NodeId peer) {
        Progress progress = followers.get(peer);
        if (progress != null && progress.mode() == Progress.Mode.REPLICATE) {
            progress.probeFrom(progress.matchIndex() + 1);
        }
    }

    /**
     * Commits what a majority stores durably, the leader counting itself only as far as its own disk is. Entries of earlier
     * terms are never committed by counting, only together with one of this term (figure 8 of the paper).
     */
    void commit() {
        long index = reachedByMajority(server.log.persistedIndex(), Reached.MATCH_INDEX);
        if (index > server.log.commitIndex() && server.log.termAt(index) == server.term()) {
            for (long i = Math.max(server.log.commitIndex() + 1, firstIndexOfTerm); i <= index; i++) {
                uncommittedBytes -= server.log.sizeAt(i);
            }
            server.log.commitTo(index);
        }
    }

    /** The latest round that a majority has echoed. */
    long confirmedRound() {
        return reachedByMajority(round, Reached.ECHOED_ROUND);
    }

    /** When this leader last knew that a majority followed it. */
    private long majorityHeardMillis() {
        return reachedByMajority(server.nowMillis, Reached.LAST_HEARD);
    }

    /** Whether a majority has been silent for an election timeout; the leader must then step down (thesis, section 6.2). */
    boolean hasLostMajority() {
        return server.nowMillis - majorityHeardMillis() >= server.options.electionTimeoutMillis();
    }

    long millisUntilTimeout() {
        long next = heartbeatSentMillis + server.options.heartbeatMillis() - server.nowMillis;
        for (Progress progress : followers.values()) {
            next = Math.min(next, progress.millisUntilGathered(server.log.lastIndex(), server.nowMillis));
        }
        return next;
    }

    /**
     * For how long from now reads need no confirmation by others. A leader that is leaving has no lease: if a single voter
     * remains, it does not wait for anybody when it starts again.
     */
    long leaseMillis() {
        return hasCommittedInTerm() && server.isVoter() ? lease.remainingMillis(server.nowMillis) : 0;
    }

    /** Whether another server has not answered for an election timeout. */
    boolean isSilent(NodeId id) {
        Progress progress = followers.get(id);
        return progress != null && isSilent(progress);
    }

    private boolean isSilent(Progress progress) {
        return server.nowMillis - progress.lastHeardMillis() >= server.options.electionTimeoutMillis();
    }

    /** The voter that is nearest to the leader's log among those that answer. */
    Optional<NodeId> mostUpToDateVoter() {
        NodeId best = null;
        for (Map.Entry<NodeId, Progress> follower : followers.entrySet()) {
            NodeId id = follower.getKey();
            Progress progress = follower.getValue();
            if (!isSilent(progress)
                    && server.configuration().voters().contains(id)
                    && (best == null || progress.matchIndex() > matchIndexOf(best))) {
                best = id;
            }
        }
        return Optional.ofNullable(best);
    }

    boolean hasWholeLog(NodeId peer) {
        return matchIndexOf(peer) == server.log.lastIndex();
    }

    long matchIndexOf(NodeId peer) {
        Progress progress = followers.get(peer);
        return progress == null ? 0 : progress.matchIndex();
    }

    /** Whether a learner follows so closely that it may become a voter. */
    boolean hasCaughtUp(NodeId peer) {
        Progress progress = followers.get(peer);
        return progress != null && progress.hasCaughtUp(server.nowMillis, server.options.electionTimeoutMillis());
    }

    /** Asks a voter to campaign at once. Nobody will protect this leader then, so its lease is over. */
    void handOver(NodeId successor) {
        lease.giveUp();
        server.outbox.send(new Message.TimeoutNow(server.self, successor, server.term()));
    }

    List<MemberProgress> progress() {
        List<MemberProgress> all = new ArrayList<>();
        followers.forEach((id, progress) -> all.add(new MemberProgress(
                id,
                server.configuration().isVoter(id),
                progress.matchIndex(),
                hasCaughtUp(id),
                progress.mode().name(),
                server.nowMillis - progress.lastHeardMillis())));
        return all;
    }

    private long reachedByMajority(long self, Reached what) {
        return Quorum.reachedByMajority(server.configuration(), voter -> {
            if (voter.equals(server.self)) {
                return self;
            }
            Progress progress = followers.get(voter);
            return switch (what) {
                case MATCH_INDEX -> progress.matchIndex();
                case ECHOED_ROUND -> progress.echoedRound();
                case LAST_HEARD -> progress.lastHeardMillis();
            };
        });
    }

    private enum Reached {
        MATCH_INDEX,
        ECHOED_ROUND,
        LAST_HEARD
    }
}
