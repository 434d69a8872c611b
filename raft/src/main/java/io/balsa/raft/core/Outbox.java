package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers the effects of steps until the driver takes them as one {@link Ready}. */
final class Outbox {
    private List<Message> messages = new ArrayList<>();
    private List<Message> messagesAfterHardState = new ArrayList<>();
    private List<Ready.AcceptedProposals> proposals = new ArrayList<>();
    private List<Ready.ConfirmedRead> reads = new ArrayList<>();
    private List<Ready.Refusal> refusals = new ArrayList<>();
    private List<Ready.Outcome> outcomes = new ArrayList<>();
    private List<Ready.Send> snapshotSends = new ArrayList<>();
    private List<NodeId> snapshotsEnded = new ArrayList<>();
    private List<Message.InstallSnapshot> snapshotChunks = new ArrayList<>();
    private List<Message.InstallSnapshotResponse> snapshotResponses = new ArrayList<>();
    private Ready.Installed installed;
    private long toldChanges;
    private boolean hardStateChanged;
    private boolean roleChanged;

    /**
     * @param configurationChanges up to which the driver knows the log's configuration
     */
    Outbox(long configurationChanges) {
        toldChanges = configurationChanges;
    }

    /**
     * Sends a message. Only what a leader sends in a term that is durable already may overtake the disk; all else promises
     * something about the sender's term, vote or log.
     */
    void send(Message message) {
        if (message instanceof Message.AppendEntries && !hardStateChanged) {
            messages.add(message);
        } else {
            messagesAfterHardState.add(message);
        }
    }

    void accepted(long firstRequestId, long term, long firstIndex, int count) {
        proposals.add(new Ready.AcceptedProposals(firstRequestId, term, firstIndex, count));
    }

    void confirmed(long requestId, long index) {
        reads.add(new Ready.ConfirmedRead(requestId, index));
    }

    void refused(long requestId, Ready.Refusal.Reason reason) {
        refused(requestId, reason, "");
    }

    void refused(long requestId, Ready.Refusal.Reason reason, String detail) {
        refusals.add(new Ready.Refusal(requestId, reason, detail));
    }

    void outcome(long requestId, Ready.Outcome.Result result) {
        outcomes.add(new Ready.Outcome(requestId, result));
    }

    void sendSnapshot(Ready.Send send) {
        snapshotSends.add(send);
    }

    void snapshotEnded(NodeId peer) {
        snapshotsEnded.add(peer);
    }

    void store(Message.InstallSnapshot chunk) {
        snapshotChunks.add(chunk);
    }

    void answered(Message.InstallSnapshotResponse response) {
        snapshotResponses.add(response);
    }

    void installed(Ready.Installed snapshot) {
        installed = snapshot;
    }

    void hardStateChanged() {
        hardStateChanged = true;
    }

    void roleChanged() {
        roleChanged = true;
    }

    boolean isEmpty(ServerState server) {
        return messages.isEmpty()
                && messagesAfterHardState.isEmpty()
                && proposals.isEmpty()
                && reads.isEmpty()
                && refusals.isEmpty()
                && outcomes.isEmpty()
                && hasNoSnapshots(server.log)
                && toldChanges == server.log.configurationChanges()
                && !hardStateChanged
                && !roleChanged;
    }

    /** Hands everything over and begins anew. */
    Ready take(ServerState server) {
        Ready ready = new Ready(
                messages,
                hardStateChanged ? Optional.of(server.hardState()) : Optional.empty(),
                messagesAfterHardState,
                server.log.takeAppend(),
                server.log.takeCommitted(),
                proposals,
                reads,
                refusals,
                outcomes,
                roleChanged ? Optional.of(server.roleChange()) : Optional.empty(),
                takeConfiguration(server.log),
                takeSnapshots(server.log));
        messages = new ArrayList<>();
        messagesAfterHardState = new ArrayList<>();
        outcomes = new ArrayList<>();
        proposals = new ArrayList<>();
        reads = new ArrayList<>();
        refusals = new ArrayList<>();
        hardStateChanged = false;
        roleChanged = false;
        return ready;
    }

    private Optional<Configuration> takeConfiguration(RaftLog log) {
        if (toldChanges == log.configurationChanges()) {
            return Optional.empty();
        }
        toldChanges = log.configurationChanges();
        return Optional.of(log.configuration());
    }

    private boolean hasNoSnapshots(RaftLog log) {
        return snapshotSends.isEmpty()
                && snapshotsEnded.isEmpty()
                && snapshotChunks.isEmpty()
                && snapshotResponses.isEmpty()
                && installed == null
                && !log.hasCompaction();
    }

    private Ready.Snapshots takeSnapshots(RaftLog log) {
        if (hasNoSnapshots(log)) {
            return Ready.Snapshots.NONE;
        }
        Ready.Snapshots snapshots = new Ready.Snapshots(
                snapshotSends,
                snapshotsEnded,
                snapshotChunks,
                snapshotResponses,
                Optional.ofNullable(installed),
                log.takeCompactBelow());
        snapshotSends = new ArrayList<>();
        snapshotsEnded = new ArrayList<>();
        snapshotChunks = new ArrayList<>();
        snapshotResponses = new ArrayList<>();
        installed = null;
        return snapshots;
    }
}
