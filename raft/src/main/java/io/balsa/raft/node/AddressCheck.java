package io.balsa.raft.node;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.MembershipChange;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.Transport;
import java.util.Optional;

/**
 * Keeps a new member from an address that another has. The core compares with the addresses in its configuration; those of
 * founders may be known to the transport alone.
 */
final class AddressCheck {
    private AddressCheck() {}

    /** The refusal of a request that would give a new member the address of another; empty for all others. */
    static Optional<ClientResponse> refuse(ClientRequest request, Configuration members, Transport transport) {
        return request instanceof ClientRequest.ChangeMembership change
                        && change.change() instanceof MembershipChange.AddLearner add
                        && !members.isMember(add.id())
                        && !members.removed().contains(add.id())
                ? refuse(add.address(), members, transport)
                : Optional.empty();
    }

    private static Optional<ClientResponse> refuse(String address, Configuration members, Transport transport) {
        return members.members().stream()
                .filter(member -> !members.addresses().containsKey(member))
                .filter(member -> transport
                        .addressOf(member)
                        .filter(address::equalsIgnoreCase)
                        .isPresent())
                .<ClientResponse>map(
                        member -> new ClientResponse.Refused(false, member + " is reached at " + address + " already"))
                .findFirst();
    }
}
