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
 * @param outcomes what became of changes of membership and transfers of leadership
 * @param roleChange the new role, term or leader, when any of them changed
 * @param configuration the new configuration, when it changed
 * @param snapshots what to do about snapshots; the log's part of it before {@code append}, the state machine's before
 *     {@code committed}
 */
public record Ready(
        List<Message> messages,
        Optional<HardState> hardState,
        List<Message> messagesAfterHardState,
        Optional<Append> append,
        List<LogEntry> committed,
        List<AcceptedProposals> proposals,
        List<ConfirmedRead> reads,
        List<Refusal> refusals,
        List<Outcome> outcomes,
        Optional<RoleChange> roleChange,
        Optional<Configuration> configuration,
        Snapshots snapshots) {

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

    /**
     * Proposals were appended to the leader's log, one behind the other. Each is committed only if its entry is.
     *
     * @param firstRequestId that of the first; those of the others follow
     * @param term that of all their entries
     * @param firstIndex where the first is in the log
     * @param count how many, at least one
     */
    public record AcceptedProposals(long firstRequestId, long term, long firstIndex, int count) {}

    /** A read may be served from the state machine as soon as it has applied {@code index}. */
    public record ConfirmedRead(long requestId, long index) {}

    /**
     * A request was refused and has no effect.
     *
     * @param detail why, for people; may be empty where the reason says it all
     */
    public record Refusal(long requestId, Reason reason, String detail) {
        /** Why a request was refused. */
        public enum Reason {
            /** This server is not the leader; {@link RaftCore#leader()} may know who is. */
            NOT_LEADER,
            /** Too many bytes or reads wait already, or the leadership is being transferred; try again later. */
            BUSY,
            /** What it depends on has not happened yet, such as the change before it; try again later. */
            NOT_YET,
            /** It makes no sense in this group, and trying again won't help. */
            INVALID
        }

        public Refusal {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(detail, "detail");
        }
    }

    /** How a change of membership or a transfer of leadership ended. */
    public record Outcome(long requestId, Result result) {
        /** How it ended. */
        public enum Result {
            /** The change is committed, or another server leads. */
            DONE,
            /** The target did not take over in time; this server goes on leading. */
            TIMED_OUT,
            /** This server lost its leadership before it knew: the change may be carried out by the next leader or not. */
            UNKNOWN
        }
    }

    /**
     * What to do about snapshots.
     *
     * @param sends followers to whom the latest snapshot is to be sent; each ends with {@link Input.SnapshotSendEnded}
     * @param ended followers whose snapshot need not be sent any more; reported as ended all the same
     * @param chunks parts of the current leader's snapshot, to be stored and reported
     * @param responses of followers to parts that were sent, for whoever sends them
     * @param installed a received snapshot takes the place of the log's beginning and of the state machine's state
     * @param compactBelow the log's entries below this index are not needed any more; 0 for none
     */
    public record Snapshots(
            List<Send> sends,
            List<NodeId> ended,
            List<Message.InstallSnapshot> chunks,
            List<Message.InstallSnapshotResponse> responses,
            Optional<Installed> installed,
            long compactBelow) {
        /** Nothing. */
        public static final Snapshots NONE =
                new Snapshots(List.of(), List.of(), List.of(), List.of(), Optional.empty(), 0);
    }

    /** A follower lacks entries that are compacted away; it is to be sent a snapshot at or above {@code minIndex}. */
    public record Send(NodeId peer, long term, long minIndex) {}

    /**
     * A received snapshot is in effect.
     *
     * @param resetLog whether the log has nothing to keep and begins anew at {@code metadata.index() + 1}
     */
    public record Installed(SnapshotMetadata metadata, boolean resetLog) {}

    /** The server's role, term and leader after a change of any of them. */
    public record RoleChange(Role role, long term, Optional<NodeId> leader) {
        public RoleChange {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(leader, "leader");
        }
    }
}
