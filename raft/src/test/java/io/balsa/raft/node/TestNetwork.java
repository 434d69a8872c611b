package io.balsa.raft.node;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Hands messages over at once on the sender's thread, except where a link is cut. */
final class TestNetwork {
    private record Link(NodeId from, NodeId to) {}

    private final Map<NodeId, Endpoint> endpoints = new ConcurrentHashMap<>();
    private final Set<Link> cut = ConcurrentHashMap.newKeySet();

    Endpoint endpoint(NodeId self) {
        return new Endpoint(self);
    }

    /** Cuts a node off from all others, in both directions. */
    void isolate(NodeId node) {
        for (NodeId other : endpoints.keySet()) {
            if (!other.equals(node)) {
                cut.add(new Link(node, other));
                cut.add(new Link(other, node));
            }
        }
    }

    void heal() {
        cut.clear();
    }

    final class Endpoint implements Transport {
        private final NodeId self;
        private volatile Receiver receiver;
        private volatile boolean closed;

        private Endpoint(NodeId self) {
            this.self = self;
        }

        @Override
        public void start(Receiver newReceiver) {
            receiver = newReceiver;
            endpoints.put(self, this);
        }

        @Override
        public void send(Message message) {
            Endpoint to = endpoints.get(message.to());
            if (!closed && to != null && !cut.contains(new Link(self, message.to()))) {
                to.receiver.onMessage(message);
            }
        }

        @Override
        public Optional<String> addressOf(NodeId server) {
            return Optional.of(server + ":1");
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void close() {
            closed = true;
            endpoints.remove(self, this);
        }
    }
}
