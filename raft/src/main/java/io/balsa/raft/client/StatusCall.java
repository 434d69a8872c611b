package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.NodeStatus;
import java.util.List;
import java.util.Optional;

/** Asks one server, and none but it, for its status. */
final class StatusCall extends Call<NodeStatus> {
    private final String address;

    StatusCall(CallContext context, String address, long timeoutNanos) {
        super(context, 0, timeoutNanos);
        this.address = address;
    }

    @Override
    List<String> candidates() {
        return List.of(address);
    }

    @Override
    ClientRequest request(long remainingNanos) {
        return new ClientRequest.Status();
    }

    @Override
    Optional<NodeStatus> success(ClientResponse response) {
        return response instanceof ClientResponse.Status status ? Optional.of(status.status()) : Optional.empty();
    }

    @Override
    boolean needsLeader() {
        return false;
    }

    @Override
    boolean hasEffect() {
        return false;
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
        return "the status";
    }
}
