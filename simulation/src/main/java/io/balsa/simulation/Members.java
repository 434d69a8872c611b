package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.NodeStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The {@link Ledger}'s page on who belongs to the group, and on who may, by what has not been committed yet. */
final class Members {
    private final World world;
    private final Set<LogEntry> uncommitted = new LinkedHashSet<>();
    private Configuration committed;
    private long committedIndex;

    Members(World world, Configuration first) {
        this.world = world;
        this.committed = first;
    }

    Configuration committed() {
        return committed;
    }

    /**
     * A server wrote an entry, or sent it.
     *
     * @return whether it has a configuration that was not seen before
     */
    boolean seen(LogEntry entry) {
        return entry.type() == EntryType.CONFIGURATION && entry.index() > committedIndex && uncommitted.add(entry);
    }

    List<Configuration> possible(long commitIndex) {
        uncommitted.removeIf(entry -> entry.index() <= commitIndex);
        List<Configuration> possible = new ArrayList<>();
        possible.add(committed);
        uncommitted.forEach(entry -> possible.add(Configuration.decode(entry.payload())));
        return possible;
    }

    /** Who led the group up to a configuration without itself leads no longer than until it has committed that. */
    void leads(NodeId leader, NodeStatus status, long termBefore) {
        if (status.term() == termBefore
                && status.commitIndex() >= committedIndex
                && status.configuration().equals(committed)
                && !committed.isVoter(leader)) {
            throw world.fail(
                    "leader-is-voter",
                    "%s leads term %d on, although it has committed %s".formatted(leader, status.term(), committed));
        }
    }

    /** Voters change only by way of a joint configuration, one change at a time, and nobody comes back. */
    void committed(LogEntry entry) {
        if (entry.type() != EntryType.CONFIGURATION) {
            return;
        }
        Configuration before = committed;
        Configuration next = Configuration.decode(entry.payload());
        committed = next;
        committedIndex = entry.index();
        boolean stepwise = next.isJoint()
                ? !before.isJoint() && next.outgoingVoters().equals(before.voters())
                : next.voters().equals(before.voters());
        Set<NodeId> back = new HashSet<>(next.members());
        back.retainAll(before.removed());
        if (!stepwise || !back.isEmpty() || !next.removed().containsAll(before.removed())) {
            throw world.fail("membership", "entry %d makes %s of %s".formatted(entry.index(), next, before));
        }
    }
}
