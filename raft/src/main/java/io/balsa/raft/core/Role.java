package io.balsa.raft.core;

/** The part that a server plays in its term (figure 4 of the paper, with the pre-vote of the thesis, section 9.6). */
public enum Role {
    FOLLOWER,
    /** Asks whether it would win an election, before it disturbs the cluster by a new term. */
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
}
