package io.balsa.raft.node;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.Optional;

/**
 * A group's transport whose flushes wait until the other groups on the same thread have had their turn, so that what all of
 * them send to one process leaves at once.
 */
final class HostedTransport implements Transport {
    private final Transport ofGroup;
    private final SharedDutyRunner runner;
    private final Runnable flushAll;

    /** @param flushAll sends what all groups hold back; the same object for all of them */
    HostedTransport(Transport ofGroup, SharedDutyRunner runner, Runnable flushAll) {
        this.ofGroup = ofGroup;
        this.runner = runner;
        this.flushAll = flushAll;
    }

    @Override
    public void start(Receiver receiver) {
        ofGroup.start(receiver);
    }

    @Override
    public void send(Message message) {
        ofGroup.send(message);
    }

    @Override
    public void flush() {
        if (!runner.afterTurns(flushAll)) {
            ofGroup.flush();
        }
    }

    @Override
    public void updateMembers(Configuration configuration) {
        ofGroup.updateMembers(configuration);
    }

    @Override
    public Optional<String> addressOf(NodeId server) {
        return ofGroup.addressOf(server);
    }

    @Override
    public void close() {
        ofGroup.close();
    }
}
