package io.balsa.raft.core;

import java.util.Objects;

/** A change of a group's {@link Configuration}, one at a time (section 6 of the paper; thesis, chapter 4). */
public sealed interface MembershipChange {
    /**
     * Adds a server that receives the log and does not vote yet.
     *
     * @param address where the others reach it, printable ASCII without spaces, at most 255 characters; empty if they know
     */
    record AddLearner(NodeId id, String address) implements MembershipChange {
        public AddLearner {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(address, "address");
            if (!address.isEmpty() && !ConfigurationCodec.isAddress(address)) {
                throw new IllegalArgumentException("'" + address + "' is no address of a member");
            }
        }
    }

    /** Makes a learner that has caught up a voter. */
    record Promote(NodeId id) implements MembershipChange {
        public Promote {
            Objects.requireNonNull(id, "id");
        }
    }

    /** Removes a voter or learner for ever, the leader perhaps. */
    record Remove(NodeId id) implements MembershipChange {
        public Remove {
            Objects.requireNonNull(id, "id");
        }
    }

    /** Makes a learner that has caught up a voter in place of another, in one step. */
    record Replace(NodeId voter, NodeId learner) implements MembershipChange {
        public Replace {
            Objects.requireNonNull(voter, "voter");
            Objects.requireNonNull(learner, "learner");
        }
    }
}
