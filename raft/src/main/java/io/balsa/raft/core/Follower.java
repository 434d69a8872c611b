package io.balsa.raft.core;

import java.util.List;

/** The follower's side of log replication (section 5.3 of the paper, "AppendEntries RPC" of figure 2). */
final class Follower {
    private final ServerState server;
    /** The term whose leader the following is about. */
    private long leaderTerm;
    /** That leader. The server itself forgets it when it times out, but what was sent by it may still become durable. */
    private NodeId leader;
    /** Up to here the log is known to equal that of the leader. */
    private long verifiedIndex;
    /** The latest confirmation round of the leader. */
    private long round;

    private boolean acknowledgementDue;

    Follower(ServerState server) {
        this.server = server;
    }

    void handle(Message.AppendEntries request) {
        RaftLog log = server.log;
        Invariant.check(
                request.matchIndex() <= log.persistedIndex(),
                "entries that were acknowledged as durable are still there: up to %d, the log has them up to %d",
                request.matchIndex(),
                log.persistedIndex());
        follow(request.from());
        round = Math.max(round, request.round());
        if (!log.contains(request.prevLogIndex(), request.prevLogTerm())) {
            reject(request);
            return;
        }
        appendMissing(request.entries());
        verifiedIndex = Math.max(
                verifiedIndex, request.prevLogIndex() + request.entries().size());
        log.commitTo(Math.max(log.commitIndex(), Math.min(request.leaderCommit(), verifiedIndex)));
        if (request.entries().isEmpty() || verifiedIndex <= log.persistedIndex()) {
            acknowledge();
        } else {
            acknowledgementDue = true;
        }
    }

    /** Acknowledges what has become durable. */
    void persisted() {
        if (acknowledgementDue && leaderTerm == server.term()) {
            acknowledge();
        }
    }

    /**
     * Takes a part of the leader's snapshot. What is committed here already needs none: the leader's log has the same, and may
     * go on from there.
     */
    void handle(Message.InstallSnapshot request) {
        follow(request.from());
        long index = request.snapshot().metadata().index();
        if (index <= server.log.commitIndex()) {
            verifiedIndex = Math.max(verifiedIndex, index);
            acknowledge();
        } else {
            server.outbox.store(request);
        }
    }

    /** Tells the leader how much of its snapshot is stored. */
    void stored(Input.SnapshotChunkStored stored) {
        if (stored.term() == server.term() && stored.term() == leaderTerm) {
            server.outbox.send(new Message.InstallSnapshotResponse(
                    server.self, leader, server.term(), stored.snapshotIndex(), stored.nextOffset()));
        }
    }

    /** Puts a whole snapshot in effect. All that it holds is committed, so every later leader's log has the same. */
    void install(SnapshotMetadata metadata) {
        if (metadata.index() > server.log.commitIndex()) {
            boolean resetLog = server.log.install(metadata);
            verifiedIndex = Math.min(verifiedIndex, server.log.lastIndex());
            server.outbox.installed(new Ready.Installed(metadata, resetLog));
        }
        if (leaderTerm == server.term()) {
            verifiedIndex = Math.max(verifiedIndex, metadata.index());
            acknowledge();
        }
    }

    /** What an earlier leader's log agreed with says nothing about this one's. */
    private void follow(NodeId newLeader) {
        if (leaderTerm == server.term()) {
            return;
        }
        leaderTerm = server.term();
        leader = newLeader;
        verifiedIndex = 0;
        round = 0;
        acknowledgementDue = false;
    }

    /**
     * Appends the entries that the log lacks. An entry that it has already is left alone, whatever follows it, for the
     * request may be old and the log longer by now; only an entry of another term makes what follows it invalid.
     */
    private void appendMissing(List<LogEntry> entries) {
        RaftLog log = server.log;
        for (int i = 0; i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            if (!log.contains(entry.index(), entry.term())) {
                log.append(entries.subList(i, entries.size()));
                return;
            }
        }
    }

    private void acknowledge() {
        long matchIndex = Math.min(verifiedIndex, server.log.persistedIndex());
        acknowledgementDue = matchIndex < verifiedIndex;
        server.outbox.send(new Message.AppendEntriesAccepted(
                server.self, leader, server.term(), matchIndex, round, server.options.electionTimeoutMillis()));
    }

    private void reject(Message.AppendEntries request) {
        RaftLog log = server.log;
        Invariant.check(
                request.prevLogIndex() > log.commitIndex(),
                "the leader's log has all committed entries (section 5.4.3), unlike at %d, committed up to %d",
                request.prevLogIndex(),
                log.commitIndex());
        long conflictIndex =
                log.largestIndexWithTermAtMost(request.prevLogIndex(), request.prevLogTerm(), log.commitIndex());
        server.outbox.send(new Message.AppendEntriesRejected(
                server.self,
                request.from(),
                server.term(),
                request.prevLogIndex(),
                log.termAt(conflictIndex),
                conflictIndex,
                round,
                server.options.electionTimeoutMillis()));
    }
}
