package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;

/** A request of the embedding application whose future is completed on the executor. */
final class Callback extends Pending {
    Callback(long bytes, Outstanding outstanding) {
        super(bytes, outstanding);
    }

    @Override
    ClientResponse abandonedInFlight(String reason) {
        return new ClientResponse.Unknown(reason);
    }
}
