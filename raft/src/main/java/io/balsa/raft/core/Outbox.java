package io.balsa.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers the effects of steps until the driver takes them as one {@link Ready}. */
final class Outbox {
    private List<Message> messages = new ArrayList<>();
    private List<Message> messagesAfterHardState = new ArrayList<>();
    private List<Ready.AcceptedProposal> proposals = new ArrayList<>();
    private List<Ready.ConfirmedRead> reads = new ArrayList<>();
    private List<Ready.Refusal> refusals = new ArrayList<>();
    private List<Ready.Outcome> outcomes = new ArrayList<>();
    private boolean hardStateChanged;
    private boolean roleChanged;

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

    void accepted(long requestId, long term, long index) {
        proposals.add(new Ready.AcceptedProposal(requestId, term, index));
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

    void hardStateChanged() {
        hardStateChanged = true;
    }

    void roleChanged() {
        roleChanged = true;
    }

    boolean isEmpty() {
        return messages.isEmpty()
                && messagesAfterHardState.isEmpty()
                && proposals.isEmpty()
                && reads.isEmpty()
                && refusals.isEmpty()
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
                Optional.empty(),
                Ready.Snapshots.NONE);
        messages = new ArrayList<>();
        messagesAfterHardState = new ArrayList<>();
        proposals = new ArrayList<>();
        reads = new ArrayList<>();
        refusals = new ArrayList<>();
        hardStateChanged = false;
        roleChanged = false;
        return ready;
    }
}
