package io.balsa.raft.core;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Majority arithmetic, as pure functions: of one set of voters, or of both while a configuration is joint (section 6). */
public final class Quorum {
    private Quorum() {}

    /** What a count of votes says. */
    public enum Verdict {
        WON,
        LOST,
        /** Both are still possible. */
        PENDING
    }

    /** How many of so many voters are a majority. */
    public static int majority(int voters) {
        Invariant.check(voters > 0, "a group has voters");
        return voters / 2 + 1;
    }

    /**
     * The largest value that a majority has reached, or while joint both majorities: for match indexes the index that is
     * stored on a majority (section 5.3), for confirmation rounds the round that a majority has echoed.
     *
     * @param reached what a voter has reached
     */
    public static long reachedByMajority(Configuration configuration, ToLongFunction<NodeId> reached) {
        long byNew = reachedByMajority(configuration.voters(), reached);
        return configuration.isJoint()
                ? Math.min(byNew, reachedByMajority(configuration.outgoingVoters(), reached))
                : byNew;
    }

    private static long reachedByMajority(List<NodeId> voters, ToLongFunction<NodeId> reached) {
        // Sorted as they come: they are few, and asked for with every answer and every tick of each group.
        long[] values = new long[voters.size()];
        for (int i = 0; i < values.length; i++) {
            long value = reached.applyAsLong(voters.get(i));
            int place = i;
            while (place > 0 && values[place - 1] > value) {
                values[place] = values[place - 1];
                place--;
            }
            values[place] = value;
        }
        return values[values.length - majority(values.length)];
    }

    /**
     * Counts votes. While joint, an election needs both majorities.
     *
     * @param granted the answers so far; those of others than voters don't count
     */
    public static Verdict verdict(Configuration configuration, Map<NodeId, Boolean> granted) {
        Verdict byNew = verdict(configuration.voters(), granted);
        if (!configuration.isJoint() || byNew == Verdict.LOST) {
            return byNew;
        }
        Verdict byOld = verdict(configuration.outgoingVoters(), granted);
        return byNew == Verdict.WON || byOld == Verdict.LOST ? byOld : byNew;
    }

    private static Verdict verdict(List<NodeId> voters, Map<NodeId, Boolean> granted) {
        int yes = 0;
        int no = 0;
        for (NodeId voter : voters) {
            Boolean vote = granted.get(voter);
            if (vote != null) {
                yes += vote ? 1 : 0;
                no += vote ? 0 : 1;
            }
        }
        if (yes >= majority(voters.size())) {
            return Verdict.WON;
        }
        return voters.size() - no < majority(voters.size()) ? Verdict.LOST : Verdict.PENDING;
    }
}
