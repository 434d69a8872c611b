package io.balsa.raft.node;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.ClientResponse;

/** A client's command on its way through the node. */
final class Proposal extends Pending {
    private final byte[] command;

    Proposal(byte[] command, Outstanding outstanding) {
        super(command.length + (long) LogEntry.OVERHEAD_BYTES, outstanding);
        this.command = command;
    }

    byte[] command() {
        return command;
    }

    @Override
    ClientResponse abandonedInFlight(String reason) {
        return new ClientResponse.Unknown(reason);
    }
}
