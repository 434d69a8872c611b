package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import org.junit.jupiter.api.Test;

class LocalTransportTest extends TransportContract {
    private final LocalNetwork network = new LocalNetwork();

    @Override
    Transport start(NodeId node, Transport.Receiver receiver) {
        LocalTransport transport = new LocalTransport(network, node);
        transport.start(receiver);
        return transport;
    }

    @Override
    String threadNameOf(NodeId node) {
        return "balsa-local-" + node;
    }

    @Test
    void refusesASecondNodeOfTheSameName() {
        try (LocalTransport first = new LocalTransport(network, A);
                LocalTransport second = new LocalTransport(network, A)) {
            first.start(new RecordingReceiver());
            assertThatThrownBy(() -> second.start(new RecordingReceiver())).isInstanceOf(IllegalStateException.class);
        }
    }
}
