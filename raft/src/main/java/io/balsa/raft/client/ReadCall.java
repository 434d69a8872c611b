package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.ReadConsistency;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads something that is there at once. */
final class ReadCall extends Call<ClientResponse.Answer> {
    private final ReadConsistency consistency;
    private final long minIndex;
    private final byte[] query;
    private final long patienceNanos;

    ReadCall(
            CallContext context,
            ReadConsistency consistency,
            long minIndex,
            byte[] query,
            long timeoutNanos,
            long patienceNanos) {
        super(context, query.length, timeoutNanos);
        this.consistency = consistency;
        this.minIndex = minIndex;
        this.query = query;
        this.patienceNanos = patienceNanos;
    }

    @Override
    ClientRequest request(long remainingNanos) {
        return new ClientRequest.Read(consistency, minIndex, query, toMillis(Math.min(remainingNanos, patienceNanos)));
    }

    @Override
    Optional<ClientResponse.Answer> success(ClientResponse response) {
        return response instanceof ClientResponse.Answer answer ? Optional.of(answer) : Optional.empty();
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
        return patienceNanos;
    }

    @Override
    String subject() {
        return "the read";
    }

    static long toMillis(long nanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
}
