package io.balsa.raft.node;

import io.balsa.raft.core.Message;
import io.balsa.raft.port.Transport;
import java.util.List;

/** Delivers nothing, and keeps what was to be sent. */
record RecordingTransport(List<Message> sent) implements Transport {
    @Override
    public void start(Receiver receiver) {
        // Nothing ever arrives by it.
    }

    @Override
    public void send(Message message) {
        sent.add(message);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
