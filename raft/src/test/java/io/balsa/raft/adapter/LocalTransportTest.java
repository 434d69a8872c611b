package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.Optional;
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
    Optional<String> threadNameOf(NodeId node) {
        return Optional.empty();
    }

    /** What it delivers to never blocks: a node that can't keep up refuses. */
    @Override
    void stick(RecordingReceiver receiver) {
        receiver.refuse();
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
