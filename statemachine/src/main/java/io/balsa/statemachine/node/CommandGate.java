package io.balsa.statemachine.node;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.statemachine.FormatVersions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Refuses commands that the state machine could not apply, before they are in the log: once committed, a command of a newer
 * format would halt every server that knows only this one.
 */
final class CommandGate implements RaftService {
    private final RaftService service;

    CommandGate(RaftService service) {
        this.service = service;
    }

    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        if (request instanceof ClientRequest.Propose propose) {
            Optional<String> refusal = FormatVersions.refusalOf(propose.command());
            if (refusal.isPresent()) {
                return CompletableFuture.completedFuture(new ClientResponse.Invalid(refusal.get()));
            }
        }
        return service.submit(request);
    }
}
