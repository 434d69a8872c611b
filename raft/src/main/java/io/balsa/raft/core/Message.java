package io.balsa.raft.core;

import java.util.List;
import java.util.Objects;

/** A message between two servers of a group. Immutable; each record carries what its section of the paper names. */
public sealed interface Message {
    /** The server that sent it. */
    NodeId from();

    /** The server it is for. */
    NodeId to();

    /** The sender's current term; for {@link PreVote} the term that the sender would campaign in. */
    long term();

    /**
     * Asks whether the receiver would vote for the sender, without changing any term (thesis, section 9.6).
     *
     * @param term the term that the sender would campaign in: its current term + 1
     */
    record PreVote(NodeId from, NodeId to, long term, long lastLogIndex, long lastLogTerm) implements Message {}

    /**
     * The answer to {@link PreVote}.
     *
     * @param term when granted, the term that was asked for; else the current term of the one who refuses
     */
    record PreVoteResponse(NodeId from, NodeId to, long term, boolean granted) implements Message {}

    /** Asks for a vote (section 5.2 of the paper). */
    record RequestVote(NodeId from, NodeId to, long term, long lastLogIndex, long lastLogTerm) implements Message {}

    /** The answer to {@link RequestVote}. */
    record RequestVoteResponse(NodeId from, NodeId to, long term, boolean granted) implements Message {}

    /**
     * Replicates entries, or none as a heartbeat (section 5.3 of the paper).
     *
     * @param prevLogIndex the index just before the first of the entries, from 0
     * @param prevLogTerm the term of the entry at {@code prevLogIndex}, 0 for index 0
     * @param entries consecutive entries from {@code prevLogIndex + 1}; empty for a heartbeat
     * @param leaderCommit the leader's commit index
     * @param matchIndex what the receiver has acknowledged to this leader as durable, so that a receiver that lost it
     *     notices and stops
     * @param round the leader's latest confirmation round, echoed by the response: an echo of round {@code r} shows
     *     that the sender still followed this leader after round {@code r} had begun (thesis, section 6.4)
     */
    record AppendEntries(
            NodeId from,
            NodeId to,
            long term,
            long prevLogIndex,
            long prevLogTerm,
            List<LogEntry> entries,
            long leaderCommit,
            long matchIndex,
            long round)
            implements Message {
        public AppendEntries {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Acknowledges what is durable at a follower.
     *
     * @param matchIndex the follower's log equals the leader's up to here, durably
     * @param round the latest round that the follower has seen of this leader
     */
    record AppendEntriesAccepted(NodeId from, NodeId to, long term, long matchIndex, long round) implements Message {}

    /**
     * Refuses entries because the follower's log does not contain the entry just before them, or because the sender's
     * term is old.
     *
     * @param prevLogIndex the {@code prevLogIndex} that was refused, to tell a late answer from a current one
     * @param conflictTerm the term of the follower's entry at {@code conflictIndex}; 0 when its log is empty there
     * @param conflictIndex the largest index at which the follower's log may still equal the leader's, judged by
     *     terms: back-off moves by whole terms, not by entries (end of section 5.3)
     * @param round the latest round that the follower has seen of this leader
     */
    record AppendEntriesRejected(
            NodeId from, NodeId to, long term, long prevLogIndex, long conflictTerm, long conflictIndex, long round)
            implements Message {}

    /** Fails unless a message is from another server and to the one named. */
    static void checkAddressedTo(NodeId self, Message message) {
        Objects.requireNonNull(message, "message");
        Invariant.check(message.to().equals(self), "a message reaches only the server that it is for");
        Invariant.check(!message.from().equals(self), "no server sends messages to itself");
    }
}
