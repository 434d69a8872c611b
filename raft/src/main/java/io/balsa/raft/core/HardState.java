package io.balsa.raft.core;

import java.util.Objects;
import java.util.Optional;

/**
 * What a server must remember across restarts besides its log (figure 2 of the paper, "persistent state").
 *
 * @param term the latest term that the server has seen, 0 before the first
 * @param votedFor the candidate that received the server's vote in this term
 */
public record HardState(long term, Optional<NodeId> votedFor) {
    /** The state of a server that has never run. */
    public static final HardState INITIAL = new HardState(0, Optional.empty());

    public HardState {
        Invariant.check(term >= 0, "a term is not negative");
        Objects.requireNonNull(votedFor, "votedFor");
    }
}
