package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The proposals that stand in the leader's log and wait to be applied, by index <em>and</em> term: an entry of another term
 * at the same index is another's command. Used by the driver and the applier; bounded by whoever admits proposals.
 */
final class PendingProposals {
    private record Appended(long term, Proposal proposal) {}

    private final Supplier<Optional<LeaderHint>> leader;
    private final Long2ObjectHashMap<Appended> byIndex = new Long2ObjectHashMap<>();

    PendingProposals(Supplier<Optional<LeaderHint>> leader) {
        this.leader = leader;
    }

    /** A proposal was appended to this leader's log. */
    void appended(long term, long index, Proposal proposal) {
        Appended before;
        synchronized (this) {
            before = byIndex.put(index, new Appended(term, proposal));
        }
        if (before != null) {
            // This server led, lost it, and leads again: a third may still hold and commit the older entry.
            before.proposal.answer(new ClientResponse.Unknown("the leader changed before the command was committed"));
        }
    }

    /** An entry was applied. */
    void applied(long term, long index, byte[] result) {
        Appended appended;
        synchronized (this) {
            appended = byIndex.isEmpty() ? null : byIndex.remove(index);
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

    /** Leadership ended for all terms below this one: what was appended in them may be committed by others, or not. */
    void leadershipEndedBefore(long term) {
        List<Proposal> lost = new ArrayList<>();
        synchronized (this) {
            byIndex.values().removeIf(appended -> {
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
