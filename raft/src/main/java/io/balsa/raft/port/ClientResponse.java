package io.balsa.raft.port;

import java.util.Objects;
import java.util.Optional;

/** The answer to a {@link ClientRequest}. Its type says which of three things happened: applied, not applied, unknown. */
public sealed interface ClientResponse {
    /**
     * The command was applied.
     *
     * @param index its position in the log
     * @param result what the state machine returned
     */
    record Applied(long index, byte[] result) implements ClientResponse {
        public Applied {
            Objects.requireNonNull(result, "result");
        }
    }

    /**
     * The read was served.
     *
     * @param appliedIndex what the server had applied by then
     */
    record Answer(long appliedIndex, byte[] answer) implements ClientResponse {
        public Answer {
            Objects.requireNonNull(answer, "answer");
        }
    }

    /** The answer to {@link ClientRequest.Status}. */
    record Status(NodeStatus status) implements ClientResponse {}

    /** How a {@link ClientRequest.ChangeMembership} or {@link ClientRequest.TransferLeadership} ended at the leader. */
    sealed interface Administered extends ClientResponse {}

    /** The change of membership is committed, or another server leads. */
    record Done() implements Administered {}

    /**
     * The change or transfer was refused and has no effect.
     *
     * @param tryAgain whether the same may succeed later, when what it waits for has happened
     */
    record Refused(boolean tryAgain, String reason) implements Administered {
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** The server that was to lead did not take over in time; the leader goes on leading. */
    record TransferTimedOut() implements Administered {}

    /** A command or linearizable read reached a server that does not lead; certainly not applied. */
    record NotLeader(Optional<LeaderHint> leader) implements ClientResponse {}

    /** The server has too much to do; certainly not applied. Try again a little later. */
    record Busy() implements ClientResponse {}

    /** The server can't take requests now, or was never reached; certainly not applied. */
    record Unavailable(String reason) implements ClientResponse {}

    /** The request itself is wrong, for example too large; certainly not applied, and trying again will not help. */
    record Invalid(String reason) implements ClientResponse {}

    /** A read was not served in its time. It had no effect. */
    record ReadTimedOut() implements ClientResponse {}

    /** A command or a change of membership may have been applied, or may still be, or not: the server can't tell. */
    record Unknown(String reason) implements ClientResponse {}
}
