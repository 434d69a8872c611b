package io.balsa.bench.parts;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.Transport;
import java.util.Optional;

/** A transport whose network can be cut: then nothing goes out and nothing comes in, and nobody is told. */
final class SeverableTransport implements Transport {
    private final Transport network;
    private volatile boolean severed;

    SeverableTransport(Transport network) {
        this.network = network;
    }

    void sever() {
        severed = true;
    }

    @Override
    public void start(Receiver receiver) {
        network.start(new Gate(receiver));
    }

    @Override
    public void send(Message message) {
        if (!severed) {
            network.send(message);
        }
    }

    @Override
    public void flush() {
        network.flush();
    }

    @Override
    public void updateMembers(Configuration configuration) {
        network.updateMembers(configuration);
    }

    @Override
    public Optional<String> addressOf(NodeId server) {
        return network.addressOf(server);
    }

    @Override
    public void close() {
        network.close();
    }

    /** Lets through what arrives before the cut. */
    private final class Gate implements Receiver {
        private final Receiver receiver;

        Gate(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public boolean onMessage(Message message) {
            return severed || receiver.onMessage(message);
        }

        @Override
        public void onUnreachable(NodeId peer) {
            receiver.onUnreachable(peer);
        }

        @Override
        public void onRefused(NodeId peer, Exclusion.Reason reason, String text) {
            receiver.onRefused(peer, reason, text);
        }

        @Override
        public void onWelcome(NodeId peer) {
            receiver.onWelcome(peer);
        }
    }
}
