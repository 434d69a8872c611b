package io.balsa.simulation;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.HardState;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.NodeStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The {@link Ledger}'s page on who voted for whom: whoever leads was elected by a majority. With arithmetic of its own. */
final class Votes {
    private final World world;
    private final Map<Long, Map<NodeId, NodeId>> byTerm = new HashMap<>();
    private final Set<Long> decided = new HashSet<>();

    Votes(World world) {
        this.world = world;
    }

    /** A vote is on a disk. */
    void saved(NodeId voter, HardState state) {
        state.votedFor().ifPresent(candidate -> byTerm.computeIfAbsent(state.term(), term -> new HashMap<>())
                .put(voter, candidate));
    }

    /**
     * A server leads.
     *
     * @param before its configuration a moment ago, by which it was elected if it got another in the same moment
     */
    void elected(NodeId leader, NodeStatus status, Configuration before) {
        if (!decided.add(status.term())) {
            return;
        }
        Map<NodeId, NodeId> votes = byTerm.getOrDefault(status.term(), Map.of());
        Predicate<NodeId> voted = voter -> voter.equals(leader) || leader.equals(votes.get(voter));
        if (!isMajority(status.configuration(), voted) && !isMajority(before, voted)) {
            throw world.fail(
                    "elected-by-majority",
                    "%s leads term %d by the votes %s, which are no majority of %s"
                            .formatted(leader, status.term(), votes, status.configuration()));
        }
    }

    /** Whether something is true of a majority of the voters, while joint of both. */
    static boolean isMajority(Configuration configuration, Predicate<NodeId> condition) {
        return isMajority(configuration.voters(), condition)
                && (configuration.outgoingVoters().isEmpty() || isMajority(configuration.outgoingVoters(), condition));
    }

    private static boolean isMajority(List<NodeId> voters, Predicate<NodeId> condition) {
        return 2 * voters.stream().filter(condition).count() > voters.size();
    }
}
