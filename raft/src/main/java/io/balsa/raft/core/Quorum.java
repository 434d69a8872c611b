package io.balsa.raft.core;

import java.util.Arrays;
import java.util.Collection;

/** Majority arithmetic, as pure functions. */
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
     * The largest value that a majority has reached: for match indexes the index that is stored on a majority (section
     * 5.3), for confirmation rounds the round that a majority has echoed.
     *
     * @param reached one value per voter; its order is changed
     */
    public static long reachedByMajority(long[] reached) {
        Arrays.sort(reached);
        return reached[reached.length - majority(reached.length)];
    }

    /**
     * Counts votes.
     *
     * @param granted the answers so far, one per voter that answered
     * @param voters how many voters there are
     */
    public static Verdict verdict(Collection<Boolean> granted, int voters) {
        int yes = 0;
        for (boolean grant : granted) {
            yes += grant ? 1 : 0;
        }
        int no = granted.size() - yes;
        if (yes >= majority(voters)) {
            return Verdict.WON;
        }
        return voters - no < majority(voters) ? Verdict.LOST : Verdict.PENDING;
    }
}
