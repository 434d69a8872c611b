package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.util.Optional;

/** Reads something that may be there only later, and that the state machine waits for. */
final class AwaitCall extends Call<Optional<ClientResponse.Answer>> {
    private final ReadConsistency consistency;
    private final long minIndex;
    private final byte[] query;
    private final long graceNanos;

    /** @param graceNanos how much longer than the server the client waits, for the answer to come back */
    AwaitCall(
            CallContext context,
            ReadConsistency consistency,
            long minIndex,
            byte[] query,
            long timeoutNanos,
            long graceNanos) {
        super(context, query.length, timeoutNanos + graceNanos);
        this.consistency = consistency;
        this.minIndex = minIndex;
        this.query = query;
        this.graceNanos = graceNanos;
    }

    @Override
    ClientRequest request(long remainingNanos) {
        return new ClientRequest.Read(
                consistency, minIndex, query, ReadCall.toMillis(Math.max(1, remainingNanos - graceNanos)));
    }

    @Override
    Optional<Optional<ClientResponse.Answer>> success(ClientResponse response) {
        if (response instanceof ClientResponse.Answer answer) {
            return Optional.of(Optional.of(answer));
        }
        return response instanceof ClientResponse.ReadTimedOut ? Optional.of(Optional.empty()) : Optional.empty();
    }

    @Override
    boolean needsLeader() {
        return consistency == ReadConsistency.LINEARIZABLE || consistency == ReadConsistency.LEASE;
    }

    /** A follower serves it as well, by asking the leader. */
    @Override
    boolean provesLeader() {
        return false;
    }

    @Override
    boolean hasEffect() {
        return false;
    }

    @Override
    boolean isRepeatable() {
        return true;
    }

    @Override
    long patienceNanos() {
        return UNLIMITED;
    }

    @Override
    String subject() {
        return "the read";
    }
}
