package io.balsa.raft.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    private final Map<NodeId, Progress> followers = new HashMap<>();
    private final long firstIndexOfTerm;
    private long heartbeatSentMillis;
    private long uncommittedBytes;
    private long round;

    Replication(ServerState server) {
        this.server = server;
        firstIndexOfTerm = server.log.lastIndex() + 1;
        heartbeatSentMillis = server.nowMillis;
        for (NodeId peer : server.peers) {
            Inflights inflights = new Inflights(
                    server.options.maxInflightMessages(),
                    MAX_INFLIGHT_FULL_MESSAGES * server.options.maxMessageBytes());
            followers.put(peer, new Progress(firstIndexOfTerm, inflights, server.nowMillis));
        }
    }

    /** The bytes of entries that this leader has appended and not yet committed. */
    long uncommittedBytes() {
        return uncommittedBytes;
    }

    /** Appends an entry of this term; it goes out with {@link #sendEntries()}. */
    void append(LogEntry entry) {
        server.log.append(List.of(entry));
        uncommittedBytes += entry.sizeInBytes();
    }

    /** Whether an entry of this leader's own term is committed: only then it knows everything that is (section 8). */
    boolean hasCommittedInTerm() {
        return server.log.commitIndex() >= firstIndexOfTerm;
    }

    /** Sends every follower the entries that it lacks, as far as it may have them in flight. */
    void sendEntries() {
        for (NodeId peer : server.peers) {
            sendEntries(peer, followers.get(peer));
        }
    }

    private void sendEntries(NodeId peer, Progress progress) {
        while (progress.nextIndex() <= server.log.lastIndex() && progress.maySendEntries()) {
            List<LogEntry> entries = server.log.entries(progress.nextIndex(), server.options.maxMessageBytes());
            server.outbox.send(appendEntries(peer, progress, entries));
            progress.sent(entries.get(entries.size() - 1).index(), sizeOf(entries));
        }
    }

    private static long sizeOf(List<LogEntry> entries) {
        long bytes = 0;
        for (LogEntry entry : entries) {
            bytes += entry.sizeInBytes();
        }
        return bytes;
    }

    /** Sends a heartbeat to every follower when it is time to. */
    void tick() {
        if (server.nowMillis - heartbeatSentMillis >= server.options.heartbeatMillis()) {
            sendHeartbeats();
        }
    }

    /** Starts a new confirmation round: an echo of it shows that this was the leader after the round began. */
    long startRound() {
        round++;
        sendHeartbeats();
        return round;
    }

    private void sendHeartbeats() {
        heartbeatSentMillis = server.nowMillis;
        for (NodeId peer : server.peers) {
            server.outbox.send(appendEntries(peer, followers.get(peer), List.of()));
        }
    }

    private Message.AppendEntries appendEntries(NodeId peer, Progress progress, List<LogEntry> entries) {
        long prevLogIndex = progress.nextIndex() - 1;
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
        progress.heard(response.round(), server.nowMillis);
        progress.accepted(response.matchIndex());
        commit();
        sendEntries(response.from(), progress);
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
        progress.heard(response.round(), server.nowMillis);
        if (progress.isCurrentRejection(response.prevLogIndex())) {
            long agreed = server.log.largestIndexWithTermAtMost(
                    response.conflictIndex(), response.conflictTerm(), progress.matchIndex());
            progress.probeFrom(Math.min(agreed + 1, response.prevLogIndex()));
            sendEntries(response.from(), progress);
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
        long heartbeat = heartbeatSentMillis + server.options.heartbeatMillis() - server.nowMillis;
        return server.peers.isEmpty() ? server.options.heartbeatMillis() : heartbeat;
    }

    private long reachedByMajority(long self, Reached what) {
        long[] reached = new long[server.voterCount()];
        int voter = 0;
        reached[voter++] = self;
        for (NodeId peer : server.peers) {
            Progress progress = followers.get(peer);
            reached[voter++] = switch (what) {
                case MATCH_INDEX -> progress.matchIndex();
                case ECHOED_ROUND -> progress.echoedRound();
                case LAST_HEARD -> progress.lastHeardMillis();
            };
        }
        return Quorum.reachedByMajority(reached);
    }

    private enum Reached {
        MATCH_INDEX,
        ECHOED_ROUND,
        LAST_HEARD
    }
}
