package io.balsa.raft.core;

import java.util.Objects;

/** Something that happened to a server, for its {@link RaftCore} to take a step on. */
public sealed interface Input {
    /**
     * Time went on.
     *
     * @param millis whole milliseconds of the driver's monotonic clock since the last tick, at least 1
     */
    record Tick(long millis) implements Input {
        public Tick {
            Invariant.check(millis > 0, "time goes on by at least one millisecond");
        }
    }

    /** A message arrived from another server. */
    record Receive(Message message) implements Input {
        public Receive {
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * Asks the leader to append an entry.
     *
     * @param requestId chosen by the driver, given back in {@link Ready#proposals()} or {@link Ready#refusals()}
     * @param type {@link EntryType#COMMAND} or {@link EntryType#CLOCK}
     */
    record Propose(long requestId, EntryType type, byte[] payload) implements Input {
        public Propose {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(payload, "payload");
        }
    }

    /**
     * Asks the leader for an index at which a linearizable read may be served (thesis, section 6.4).
     *
     * @param requestId chosen by the driver, given back in {@link Ready#reads()} or {@link Ready#refusals()}
     */
    record ReadIndex(long requestId) implements Input {}

    /**
     * All appends up to this one are durable.
     *
     * @param appendSequence the {@link Ready.Append#sequence()} of the last durable append
     */
    record Persisted(long appendSequence) implements Input {}

    /**
     * The state machine has applied all entries up to this one. Without it, no more than a bounded number of bytes of
     * committed entries is given out.
     */
    record Applied(long index) implements Input {}

    /** The transport could not deliver to a server; messages to it were probably lost. */
    record Unreachable(NodeId peer) implements Input {
        public Unreachable {
            Objects.requireNonNull(peer, "peer");
        }
    }
}
