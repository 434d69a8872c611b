package io.balsa.raft.client;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import java.util.Optional;

/** Has a command applied. */
final class ProposeCall extends Call<ClientResponse.Applied> {
    private final byte[] command;
    private final boolean exactlyOnce;
    private final long patienceNanos;

    ProposeCall(CallContext context, byte[] command, long timeoutNanos, boolean exactlyOnce, long patienceNanos) {
        super(context, command.length, timeoutNanos);
        this.command = command;
        this.exactlyOnce = exactlyOnce;
        this.patienceNanos = patienceNanos;
    }

    @Override
    ClientRequest request(long remainingNanos) {
        return new ClientRequest.Propose(command);
    }

    @Override
    Optional<ClientResponse.Applied> success(ClientResponse response) {
        return response instanceof ClientResponse.Applied applied ? Optional.of(applied) : Optional.empty();
    }

    @Override
    boolean needsLeader() {
        return true;
    }

    @Override
    boolean hasEffect() {
        return true;
    }

    @Override
    boolean isRepeatable() {
        return exactlyOnce;
    }

    @Override
    long patienceNanos() {
        return exactlyOnce ? patienceNanos : UNLIMITED;
    }

    @Override
    String subject() {
        return "the command";
    }
}
