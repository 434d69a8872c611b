package io.balsa.raft.port;

import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.core.NodeId;
import java.util.Objects;
import java.util.Optional;

/** What a client asks of one server. */
public sealed interface ClientRequest {
    /** Replicate and apply a command. */
    record Propose(byte[] command) implements ClientRequest {
        public Propose {
            Objects.requireNonNull(command, "command");
        }
    }

    /**
     * Read from the state machine.
     *
     * @param consistency how fresh
     * @param minIndex for {@link ReadConsistency#SESSION}: wait until the server has applied at least this index
     * @param query for the state machine
     * @param timeoutMillis at most how long the server keeps the read, also one that the state machine parks; positive
     */
    record Read(ReadConsistency consistency, long minIndex, byte[] query, long timeoutMillis) implements ClientRequest {
        public Read {
            Objects.requireNonNull(consistency, "consistency");
            Objects.requireNonNull(query, "query");
            if (timeoutMillis <= 0) {
                throw new IllegalArgumentException("timeoutMillis must be positive, not " + timeoutMillis);
            }
        }
    }

    /** Change who belongs to the group; one change at a time. */
    record ChangeMembership(MembershipChange change) implements ClientRequest {
        public ChangeMembership {
            Objects.requireNonNull(change, "change");
        }
    }

    /**
     * Have another server lead.
     *
     * @param target who shall lead; empty for the one that is most up to date
     */
    record TransferLeadership(Optional<NodeId> target) implements ClientRequest {
        public TransferLeadership {
            Objects.requireNonNull(target, "target");
        }
    }

    /** Ask for the server's {@link NodeStatus}. */
    record Status() implements ClientRequest {}
}
