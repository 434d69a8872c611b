package io.balsa.raft.core;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Something that happened to a server, for its {@link RaftCore} to take a step on. */
public sealed interface Input {
    /**
     * Time went on.
     *
     * @param millis whole milliseconds of the driver's monotonic clock since the last tick, at least 1
     */
    record Tick(long millis) implements Input {
        public Tick {
            Invariant.check(millis > 0, "time goes on by at least one millisecond");
        }
    }

    /** A message arrived from another server. */
    record Receive(Message message) implements Input {
        public Receive {
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * Asks the leader to append entries.
     *
     * @param firstRequestId chosen by the driver for the first of them, and one more for each that follows; given back in
     *     {@link Ready#proposals()} or {@link Ready#refusals()}
     * @param type {@link EntryType#COMMAND} or {@link EntryType#CLOCK}
     * @param payloads one for each entry
     */
    record Propose(long firstRequestId, EntryType type, List<byte[]> payloads) implements Input {
        public Propose {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(payloads, "payloads");
        }

        /** Asks for a single entry. */
        public Propose(long requestId, EntryType type, byte[] payload) {
            this(requestId, type, List.of(payload));
        }
    }

    /**
     * Asks for an index at which linearizable reads may be served, one or as many as came together (thesis, section 6.4). A
     * follower asks its leader.
     *
     * @param requestId chosen by the driver, given back in {@link Ready#reads()} or {@link Ready#refusals()}
     */
    record ReadIndex(long requestId) implements Input {}

    /**
     * Like {@link ReadIndex}, but confirmed without asking anybody while this leader holds its lease (thesis, section 6.4.1).
     * The driver must have ticked after the request arrived. A follower, or a leader without lease, treats it as a {@link
     * ReadIndex}.
     */
    record LeaseRead(long requestId) implements Input {}

    /**
     * Asks the leader to change the group; one change at a time.
     *
     * @param requestId given back in {@link Ready#outcomes()} or {@link Ready#refusals()}
     */
    record ChangeMembership(long requestId, MembershipChange change) implements Input {
        public ChangeMembership {
            Objects.requireNonNull(change, "change");
        }
    }

    /**
     * Asks the leader to hand its office over (thesis, section 3.10). It is given up after an election timeout.
     *
     * @param requestId given back in {@link Ready#outcomes()} or {@link Ready#refusals()}
     * @param target the voter that shall lead; empty for the one that is most up to date
     */
    record TransferLeadership(long requestId, Optional<NodeId> target) implements Input {
        public TransferLeadership {
            Objects.requireNonNull(target, "target");
        }
    }

    /**
     * A snapshot of this server's state machine is durable.
     *
     * @param compactBelow the entries below this index are not needed for slow followers either; at most {@code
     *     metadata.index() + 1}
     */
    record SnapshotTaken(SnapshotMetadata metadata, long compactBelow) implements Input {
        public SnapshotTaken {
            Objects.requireNonNull(metadata, "metadata");
        }
    }

    /** A part of a leader's snapshot was stored, or is not wanted: go on at {@code nextOffset}. */
    record SnapshotChunkStored(NodeId leader, long term, long snapshotIndex, long nextOffset) implements Input {
        public SnapshotChunkStored {
            Objects.requireNonNull(leader, "leader");
        }
    }

    /** The last part of a leader's snapshot arrived; the whole is verified and durable. */
    record SnapshotReceived(SnapshotMetadata metadata) implements Input {
        public SnapshotReceived {
            Objects.requireNonNull(metadata, "metadata");
        }
    }

    /** Sending a snapshot that {@link Ready.Snapshots#sends()} asked for ended, whether it arrived or not. */
    record SnapshotSendEnded(NodeId peer) implements Input {
        public SnapshotSendEnded {
            Objects.requireNonNull(peer, "peer");
        }
    }

    /**
     * All appends up to this one are durable.
     *
     * @param appendSequence the {@link Ready.Append#sequence()} of the last durable append
     */
    record Persisted(long appendSequence) implements Input {}

    /**
     * The state machine has applied all entries up to this one. Without it, no more than a bounded number of bytes of
     * committed entries is given out.
     */
    record Applied(long index) implements Input {}

    /** The transport could not deliver to a server; messages to it were probably lost. */
    record Unreachable(NodeId peer) implements Input {
        public Unreachable {
            Objects.requireNonNull(peer, "peer");
        }
    }
}
