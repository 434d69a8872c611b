package io.balsa.raft.core;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All effects of the inputs since the previous {@code Ready}, for the driver to carry out.
 *
 * <p>The order matters: {@code messages} may leave at once, also while the disk works; {@code hardState} must be durable
 * before any of {@code messagesAfterHardState} leaves. {@code append} must be handed to the log in the order of its
 * sequence numbers, and reported by {@link Input.Persisted} when it is durable; acknowledgements that depend on it come
 * out of that report.
 *
 * @param messages may leave now
 * @param hardState to be made durable before anything in {@code messagesAfterHardState} leaves
 * @param messagesAfterHardState leave once {@code hardState} (of this or an earlier {@code Ready}) is durable
 * @param append what to hand to the log
 * @param committed entries to apply, in order, each exactly once per run of the server
 * @param proposals what became of proposals that were accepted
 * @param reads reads that are confirmed
 * @param refusals requests that certainly had no effect
 * @param roleChange the new role, term or leader, when any of them changed
 */
public record Ready(
        List<Message> messages,
        Optional<HardState> hardState,
        List<Message> messagesAfterHardState,
        Optional<Append> append,
        List<LogEntry> committed,
        List<AcceptedProposal> proposals,
        List<ConfirmedRead> reads,
        List<Refusal> refusals,
        Optional<RoleChange> roleChange) {

    /**
     * Entries for the log. They supersede everything at and above the index of the first.
     *
     * @param sequence grows by one with each append
     * @param entries consecutive, at least one
     */
    public record Append(long sequence, List<LogEntry> entries) {
        public Append {
            Invariant.check(!entries.isEmpty(), "an append has entries");
        }
    }

    /** A proposal was appended to the leader's log at this position. It is committed only if that entry is. */
    public record AcceptedProposal(long requestId, long term, long index) {}

    /** A read may be served from the state machine as soon as it has applied {@code index}. */
    public record ConfirmedRead(long requestId, long index) {}

    /** A request was refused and has no effect. */
    public record Refusal(long requestId, Reason reason) {
        /** Why a request was refused. */
        public enum Reason {
            /** This server is not the leader; {@link RaftCore#leader()} may know who is. */
            NOT_LEADER,
            /** Too many bytes or reads wait already; try again later. */
            BUSY
        }
    }

    /** The server's role, term and leader after a change of any of them. */
    public record RoleChange(Role role, long term, Optional<NodeId> leader) {
        public RoleChange {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(leader, "leader");
        }
    }
}
