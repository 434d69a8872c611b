package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.util.Optional;

/** Has the leader change the group's members or hand its office over. */
final class AdminCall extends Call<ClientResponse.Administered> {
    private static final int BYTES = 256;

    private final ClientRequest request;
    private final String subject;

    AdminCall(CallContext context, ClientRequest request, String subject, long timeoutNanos) {
        super(context, BYTES, timeoutNanos);
        this.request = request;
        this.subject = subject;
    }

    @Override
    ClientRequest request(long remainingNanos) {
        return request;
    }

    @Override
    Optional<ClientResponse.Administered> success(ClientResponse response) {
        return response instanceof ClientResponse.Administered answer ? Optional.of(answer) : Optional.empty();
    }

    @Override
    boolean needsLeader() {
        return true;
    }

    @Override
    boolean provesLeader() {
        return false; // By the time of the answer, another may lead.
    }

    @Override
    boolean hasEffect() {
        return true;
    }

    @Override
    boolean isRepeatable() {
        return false;
    }

    @Override
    long patienceNanos() {
        return UNLIMITED;
    }

    @Override
    String subject() {
        return subject;
    }
}
