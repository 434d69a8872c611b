package io.balsa.raft.node;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.Input;
import io.balsa.raft.core.RaftCore;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.agrona.collections.MutableLong;

/**
 * The driver's proposals on their way into the log: gathered, proposed together, and settled when the core has said how many
 * of them it took.
 */
final class ProposalIntake {
    /** Proposals that went to the core together, with numbers that follow one another. */
    private record Proposed(long firstRequestId, List<Proposal> proposals) {
        List<byte[]> commands() {
            byte[][] commands = new byte[proposals.size()][];
            for (int i = 0; i < commands.length; i++) {
                commands[i] = proposals.get(i).command();
            }
            return Arrays.asList(commands);
        }

        List<Proposal> first(int count) {
            return count == proposals.size() ? proposals : proposals.subList(0, count);
        }
    }

    private final RaftCore core;
    private final PendingProposals pendingProposals;
    private final ProposalGathering gathering;
    private final MutableLong lastRequestId;
    /** Those that go to the core together, next. */
    private List<Proposal> waiting = new ArrayList<>();

    private long waitingBytes;
    /** Those of which the core has not said yet what became of them; it does with all of its effects. */
    private final Deque<Proposed> proposed = new ArrayDeque<>();

    /** @param lastRequestId the driver's, for all kinds of requests */
    ProposalIntake(
            RaftCore core, PendingProposals pendingProposals, ProposalGathering gathering, MutableLong lastRequestId) {
        this.core = core;
        this.pendingProposals = pendingProposals;
        this.gathering = gathering;
        this.lastRequestId = lastRequestId;
    }

    /** Takes a proposal. */
    void add(Proposal proposal, long nowNanos) {
        if (waiting.isEmpty()) {
            gathering.began(nowNanos);
        }
        waiting.add(proposal);
        waitingBytes += proposal.bytes();
    }

    /** Proposes those that wait, unless they do better to wait for others. */
    void proposeWhenGathered(long nowNanos) {
        gathering.observe(core.lastIndex() - core.commitIndex(), waiting.size(), nowNanos);
        if (nanosUntilGathered(nowNanos) <= 0) {
            propose(nowNanos);
        }
    }

    /** How long those that wait go on waiting, unless something happens; {@link Long#MAX_VALUE} if none do. */
    long nanosUntilGathered(long nowNanos) {
        if (waiting.isEmpty()) {
            return Long.MAX_VALUE;
        }
        // Else they are refused, for which nobody should wait.
        return core.role() == Role.LEADER ? gathering.nanosToWait(waiting.size(), waitingBytes, nowNanos) : 0;
    }

    /** Proposes all that wait. */
    void propose(long nowNanos) {
        if (waiting.isEmpty()) {
            return;
        }
        List<Proposal> together = waiting;
        waiting = new ArrayList<>();
        waitingBytes = 0;
        // Whoever was answered while it waited, as by the end of the node, must not have an effect.
        together.removeIf(proposal -> !proposal.handOver());
        gathering.went(together.size(), nowNanos);
        if (together.isEmpty()) {
            return;
        }
        Proposed batch = new Proposed(lastRequestId.value + 1, together);
        lastRequestId.value += together.size();
        proposed.addLast(batch);
        core.step(new Input.Propose(batch.firstRequestId(), EntryType.COMMAND, batch.commands()));
    }

    /**
     * The core has appended the first of each batch that it took, and has refused the rest.
     *
     * @param refused told of each that it refused, by its number; the core says why
     */
    void settle(List<Ready.AcceptedProposals> accepted, ObjLongConsumer<Proposal> refused) {
        int next = 0;
        while (!proposed.isEmpty()) {
            Proposed batch = proposed.removeFirst();
            int taken = 0;
            while (next < accepted.size() && accepted.get(next).firstRequestId() <= batch.firstRequestId()) {
                Ready.AcceptedProposals inLog = accepted.get(next);
                next++;
                if (inLog.firstRequestId() == batch.firstRequestId()) {
                    taken = inLog.count();
                    pendingProposals.appended(inLog.term(), inLog.firstIndex(), batch.first(taken));
                }
            }
            for (int i = taken; i < batch.proposals().size(); i++) {
                refused.accept(batch.proposals().get(i), batch.firstRequestId() + i);
            }
        }
    }
}
