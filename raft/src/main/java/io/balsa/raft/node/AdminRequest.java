package io.balsa.raft.node;

import io.balsa.raft.core.Input;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;

/** A change of membership or a transfer of leadership on its way through the node. */
final class AdminRequest extends Pending {
    private static final int BYTES = 256;

    private final ClientRequest request;

    /** @param request a {@link ClientRequest.ChangeMembership} or {@link ClientRequest.TransferLeadership} */
    AdminRequest(ClientRequest request, Outstanding outstanding) {
        super(BYTES, outstanding);
        this.request = request;
    }

    /** What the core is asked. */
    Input input(long requestId) {
        return request instanceof ClientRequest.ChangeMembership change
                ? new Input.ChangeMembership(requestId, change.change())
                : new Input.TransferLeadership(requestId, ((ClientRequest.TransferLeadership) request).target());
    }

    @Override
    ClientResponse abandonedInFlight(String reason) {
        return new ClientResponse.Unknown(reason);
    }
}
