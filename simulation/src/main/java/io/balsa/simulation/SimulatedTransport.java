package io.balsa.simulation;

import io.balsa.raft.adapter.MalformedFrameException;
import io.balsa.raft.adapter.ProtobufCodec;
import io.balsa.raft.core.Message;
import io.balsa.raft.port.Transport;
import java.util.Arrays;

/** How one process reaches its peers: every message goes as bytes, and comes out of them anew at the other end. */
final class SimulatedTransport implements Transport {
    private final Cluster cluster;
    private final SimulatedNode self;
    private Receiver receiver;
    private boolean closed;

    SimulatedTransport(Cluster cluster, SimulatedNode self) {
        this.cluster = cluster;
        this.self = self;
    }

    @Override
    public void start(Receiver started) {
        receiver = started;
    }

    @Override
    public void send(Message message) {
        if (closed || receiver == null) {
            return;
        }
        cluster.ledger().sending(self, message);
        SimulatedNode to = cluster.node(message.to());
        if (to == null) {
            return;
        }
        byte[] bytes = ProtobufCodec.encode(message);
        World world = cluster.world();
        world.trace().event(world.nowNanos(), self.index() * 64 + to.index(), Arrays.hashCode(bytes));
        if (world.trace().isReadable()) {
            world.trace().line(world.nowNanos(), self.id().value(), "to " + to.id() + " " + Describe.message(message));
        }
        if (to.isDown()) {
            world.after(1_000_000, () -> {
                if (!closed && to.isDown()) {
                    receiver.onUnreachable(message.to());
                }
            });
            return;
        }
        cluster.network().sendMessage(self.index(), to.index(), () -> to.arrive(bytes));
    }

    /** Hands a message to the node that is started here. */
    void deliver(byte[] bytes) {
        if (closed || receiver == null) {
            return;
        }
        try {
            receiver.onMessage(ProtobufCodec.decodeMessage(bytes));
        } catch (MalformedFrameException malformed) {
            throw cluster.world()
                    .fail("codec", self.id() + " can't read what a server sent: " + malformed.getMessage(), malformed);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
