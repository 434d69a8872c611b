package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The proposals that stand in the leader's log and wait to be applied, by index <em>and</em> term: an entry of another term
 * at the same index is another's command. Used by the driver and the applier; bounded by whoever admits proposals.
 */
final class PendingProposals {
    private record Appended(long term, long index, Proposal proposal) {}

    private final Supplier<Optional<LeaderHint>> leader;
    /** In the order of their indexes, in which they are applied too. */
    private final Deque<Appended> inLog = new ArrayDeque<>();

    PendingProposals(Supplier<Optional<LeaderHint>> leader) {
        this.leader = leader;
    }

    /** A proposal was appended to this leader's log. */
    void appended(long term, long index, Proposal proposal) {
        List<Appended> superseded;
        synchronized (this) {
            superseded = removeFrom(index);
            inLog.addLast(new Appended(term, index, proposal));
        }
        for (Appended before : superseded) {
            // This server led, lost it, and leads again: a third may still hold and commit the older entry.
            before.proposal.answer(new ClientResponse.Unknown("the leader changed before the command was committed"));
        }
    }

    private List<Appended> removeFrom(long index) {
        if (inLog.isEmpty() || inLog.peekLast().index < index) {
            return List.of();
        }
        List<Appended> removed = new ArrayList<>();
        while (!inLog.isEmpty() && inLog.peekLast().index >= index) {
            removed.add(inLog.removeLast());
        }
        return removed;
    }

    synchronized boolean isEmpty() {
        return inLog.isEmpty();
    }

    /** An entry was applied. */
    void applied(long term, long index, byte[] result) {
        Appended appended = take(index);
        while (appended != null && appended.index < index) {
            // Passed over by a snapshot, which does not tell what became of each entry.
            appended.proposal.answer(new ClientResponse.Unknown("a snapshot took the place of the command's entry"));
            appended = take(index);
        }
        if (appended == null) {
            return;
        }
        if (appended.term == term) {
            appended.proposal.answer(new ClientResponse.Applied(index, result));
        } else {
            // What is committed at an index stays: our entry is gone for good (log matching, section 5.3).
            appended.proposal.answer(new ClientResponse.NotLeader(leader.get()));
        }
    }

    /** Takes the first out, if it stands at or below an index. */
    private synchronized Appended take(long index) {
        Appended first = inLog.peekFirst();
        return first == null || first.index > index ? null : inLog.removeFirst();
    }

    /** Leadership ended for all terms below this one: what was appended in them may be committed by others, or not. */
    void leadershipEndedBefore(long term) {
        List<Proposal> lost = new ArrayList<>();
        synchronized (this) {
            inLog.removeIf(appended -> {
                boolean gone = appended.term < term;
                if (gone) {
                    lost.add(appended.proposal);
                }
                return gone;
            });
        }
        for (Proposal proposal : lost) {
            proposal.answer(new ClientResponse.Unknown("the leader lost its office before the command was committed"));
        }
    }
}
