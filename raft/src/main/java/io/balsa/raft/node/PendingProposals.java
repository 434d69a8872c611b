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
 * at the same index is another's command. The driver puts them in and the applier takes them out, many at a time; bounded by
 * whoever admits proposals.
 */
final class PendingProposals {
    /** Proposals that stand behind one another. */
    private record Appended(long term, long firstIndex, List<Proposal> proposals) {
        long lastIndex() {
            return firstIndex + proposals.size() - 1;
        }

        /** Those that stand below an index, at least one. */
        Appended below(long index) {
            return new Appended(term, firstIndex, proposals.subList(0, (int) (index - firstIndex)));
        }

        /** Those that stand at an index or above, at least one. */
        Appended from(long index) {
            return new Appended(term, index, proposals.subList((int) (index - firstIndex), proposals.size()));
        }
    }

    private final Supplier<Optional<LeaderHint>> leader;
    /** In the order of their indexes, in which they are applied too. */
    private final Deque<Appended> inLog = new ArrayDeque<>();
    // The applier's own: what it took out, and how many of the first it is done with.
    private final Deque<Appended> taken = new ArrayDeque<>();
    private int done;
    // What became of those that were applied, to be told together.
    private final List<Proposal> settled = new ArrayList<>();
    private final List<ClientResponse> outcomes = new ArrayList<>();

    PendingProposals(Supplier<Optional<LeaderHint>> leader) {
        this.leader = leader;
    }

    /**
     * Proposals were appended to this leader's log. By the driver only.
     *
     * @param proposals not to be changed any more, at least one
     */
    void appended(long term, long firstIndex, List<Proposal> proposals) {
        List<Appended> superseded;
        synchronized (this) {
            superseded = removeFrom(firstIndex);
            inLog.addLast(new Appended(term, firstIndex, proposals));
        }
        for (Appended before : superseded) {
            for (Proposal proposal : before.proposals) {
                // This server led, lost it, and leads again: a third may still hold and commit the older entry.
                proposal.answer(new ClientResponse.Unknown("the leader changed before the command was committed"));
            }
        }
    }

    private List<Appended> removeFrom(long index) {
        if (inLog.isEmpty() || inLog.peekLast().lastIndex() < index) {
            return List.of();
        }
        List<Appended> removed = new ArrayList<>();
        while (!inLog.isEmpty() && inLog.peekLast().lastIndex() >= index) {
            Appended last = inLog.removeLast();
            if (last.firstIndex < index) {
                inLog.addLast(last.below(index));
                removed.add(last.from(index));
            } else {
                removed.add(last);
            }
        }
        return removed;
    }

    /** By the applier only. */
    boolean isEmpty() {
        if (!taken.isEmpty()) {
            return false;
        }
        synchronized (this) {
            return inLog.isEmpty();
        }
    }

    /** Entries up to this one are committed, and {@link #applied} tells of each now, in order. By the applier only. */
    synchronized void committed(long lastIndex) {
        while (!inLog.isEmpty() && inLog.peekFirst().firstIndex <= lastIndex) {
            Appended first = inLog.removeFirst();
            if (first.lastIndex() > lastIndex) {
                inLog.addFirst(first.from(lastIndex + 1));
                first = first.below(lastIndex + 1);
            }
            taken.addLast(first);
        }
    }

    /** A committed entry was applied, which {@link #tell} tells whoever proposed it. By the applier only. */
    void applied(long term, long index, byte[] result) {
        while (!taken.isEmpty()) {
            Appended appended = taken.peekFirst();
            long nextIndex = appended.firstIndex + done;
            if (nextIndex > index) {
                return;
            }
            Proposal proposal = appended.proposals.get(done);
            done++;
            if (done == appended.proposals.size()) {
                taken.removeFirst();
                done = 0;
            }
            if (nextIndex == index) {
                settle(proposal, outcome(appended, term, index, result));
                return;
            }
            // Passed over by a snapshot, which does not tell what became of each entry.
            settle(proposal, new ClientResponse.Unknown("a snapshot took the place of the command's entry"));
        }
    }

    private ClientResponse outcome(Appended appended, long term, long index, byte[] result) {
        return appended.term == term
                ? new ClientResponse.Applied(index, result)
                // What is committed at an index stays: our entry is gone for good (log matching, section 5.3).
                : new ClientResponse.NotLeader(leader.get());
    }

    private void settle(Proposal proposal, ClientResponse outcome) {
        settled.add(proposal);
        outcomes.add(outcome);
    }

    /**
     * Tells what became of all that were applied since the last time: at once, so that whoever writes the answers to a client
     * is woken once, and they leave together. By the applier only.
     */
    void tell() {
        for (int i = 0; i < settled.size(); i++) {
            settled.get(i).answer(outcomes.get(i));
        }
        settled.clear();
        outcomes.clear();
    }

    /** Leadership ended for all terms below this one: what was appended in them may be committed by others, or not. */
    void leadershipEndedBefore(long term) {
        List<Proposal> lost = new ArrayList<>();
        synchronized (this) {
            inLog.removeIf(appended -> {
                boolean gone = appended.term < term;
                if (gone) {
                    lost.addAll(appended.proposals);
                }
                return gone;
            });
        }
        for (Proposal proposal : lost) {
            proposal.answer(new ClientResponse.Unknown("the leader lost its office before the command was committed"));
        }
    }
}
