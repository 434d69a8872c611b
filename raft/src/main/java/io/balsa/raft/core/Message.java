package io.balsa.raft.core;

import java.util.Arrays;
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

    /**
     * Asks for a vote (section 5.2 of the paper).
     *
     * @param leadershipTransfer the leader itself asked for this election, so there is none to protect (thesis, section
     *     4.2.3)
     */
    record RequestVote(
            NodeId from, NodeId to, long term, long lastLogIndex, long lastLogTerm, boolean leadershipTransfer)
            implements Message {}

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
            entries = Entries.copyOf(entries);
        }
    }

    /**
     * Acknowledges what is durable at a follower.
     *
     * @param matchIndex the follower's log equals the leader's up to here, durably
     * @param round the latest round that the follower has seen of this leader
     * @param loyaltyMillis for how long from now on the follower helps no other candidate that the leader did not ask to campaign;
     *     what a lease may count on (thesis, section 6.4.1)
     */
    record AppendEntriesAccepted(NodeId from, NodeId to, long term, long matchIndex, long round, long loyaltyMillis)
            implements Message {}

    /**
     * Refuses entries because the follower's log does not contain the entry just before them, or because the sender's
     * term is old.
     *
     * @param prevLogIndex the {@code prevLogIndex} that was refused, to tell a late answer from a current one
     * @param conflictTerm the term of the follower's entry at {@code conflictIndex}; 0 when its log is empty there
     * @param conflictIndex the largest index at which the follower's log may still equal the leader's, judged by
     *     terms: back-off moves by whole terms, not by entries (end of section 5.3)
     * @param round the latest round that the follower has seen of this leader
     * @param loyaltyMillis as in {@link AppendEntriesAccepted}; 0 from who does not follow the receiver
     */
    record AppendEntriesRejected(
            NodeId from,
            NodeId to,
            long term,
            long prevLogIndex,
            long conflictTerm,
            long conflictIndex,
            long round,
            long loyaltyMillis)
            implements Message {}

    /** Asks a server that has the whole log to campaign at once (thesis, section 3.10). */
    record TimeoutNow(NodeId from, NodeId to, long term) implements Message {}

    /**
     * Carries a part of a snapshot to a server that lacks entries which the leader has compacted away (section 7).
     *
     * @param snapshot which snapshot it is a part of
     * @param offset where in the snapshot's bytes the data belongs
     * @param data the part, owned by the message and never modified; may be empty to ask how much the receiver has
     * @param dataChecksum CRC32C of the data
     */
    record InstallSnapshot(
            NodeId from, NodeId to, long term, SnapshotDescription snapshot, long offset, byte[] data, int dataChecksum)
            implements Message {
        public InstallSnapshot {
            Objects.requireNonNull(snapshot, "snapshot");
            Objects.requireNonNull(data, "data");
            Invariant.check(
                    offset >= 0 && offset <= snapshot.sizeBytes() - data.length,
                    "a part lies within its snapshot: at %d of %d",
                    offset,
                    snapshot.sizeBytes());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof InstallSnapshot that
                    && from.equals(that.from)
                    && to.equals(that.to)
                    && term == that.term
                    && snapshot.equals(that.snapshot)
                    && offset == that.offset
                    && dataChecksum == that.dataChecksum
                    && Arrays.equals(data, that.data);
        }

        @Override
        public int hashCode() {
            return Objects.hash(from, to, term, snapshot, offset, dataChecksum);
        }

        @Override
        public String toString() {
            return "InstallSnapshot[" + from + "->" + to + ", term=" + term + ", index="
                    + snapshot.metadata().index() + ", " + data.length + "B@" + offset + "/" + snapshot.sizeBytes()
                    + "]";
        }
    }

    /**
     * Tells how much of a snapshot is stored. A snapshot that is installed, or not needed, is answered by {@link
     * AppendEntriesAccepted} instead.
     *
     * @param snapshotIndex which snapshot
     * @param nextOffset the bytes before this one are stored, and verified again after a restart; go on here
     */
    record InstallSnapshotResponse(NodeId from, NodeId to, long term, long snapshotIndex, long nextOffset)
            implements Message {}

    /**
     * Asks the leader, for a follower's clients, up to where a linearizable read must have applied the log (thesis, section
     * 6.4).
     *
     * @param requestId never used twice by any run of the asking server, so that no late answer meets another read
     */
    record ReadIndexRequest(NodeId from, NodeId to, long term, long requestId) implements Message {}

    /** The answer to {@link ReadIndexRequest}: the read may be served once {@code index} is applied. */
    record ReadIndexResponse(NodeId from, NodeId to, long term, long requestId, long index) implements Message {}

    /** Fails unless a message is from another server and to the one named. */
    static void checkAddressedTo(NodeId self, Message message) {
        Objects.requireNonNull(message, "message");
        Invariant.check(message.to().equals(self), "a message reaches only the server that it is for");
        Invariant.check(!message.from().equals(self), "no server sends messages to itself");
    }
}
