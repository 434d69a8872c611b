package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands messages to nodes of the same JVM, as the objects that they are. The sender's thread puts them where the receiver
 * takes them from: they pass through no queue and no thread in between, and what waits at a node is bounded by that node.
 */
public final class LocalTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTransport.class);

    private final LocalNetwork network;
    private final NodeId self;
    private final Consumer<LocalTransport> onClose;
    /** Of each peer, whether it was reported unreachable since it last took a message. */
    private final Map<NodeId, AtomicBoolean> unreachable = new ConcurrentHashMap<>();

    private final AtomicReference<Receiver> receiver = new AtomicReference<>();
    private volatile boolean closed;

    public LocalTransport(LocalNetwork network, NodeId self) {
        this(network, self, closed -> {});
    }

    LocalTransport(LocalNetwork network, NodeId self, Consumer<LocalTransport> onClose) {
        this.network = Objects.requireNonNull(network, "network");
        this.self = Objects.requireNonNull(self, "self");
        this.onClose = onClose;
    }

    NodeId self() {
        return self;
    }

    @Override
    public void start(Receiver newReceiver) {
        Objects.requireNonNull(newReceiver, "receiver");
        if (closed || !receiver.compareAndSet(null, newReceiver)) {
            throw new IllegalStateException("a transport is started once, and not after its end");
        }
        try {
            network.join(this);
        } catch (IllegalStateException e) {
            receiver.set(null);
            throw e;
        }
        if (closed) {
            network.leave(this);
        }
    }

    @Override
    public void send(Message message) {
        LocalTransport to = network.find(message.to());
        AtomicBoolean reported = reported(message.to());
        if (to == null || network.find(self) != this || !to.deliver(message)) {
            lost(message.to());
        } else if (reported.get()) {
            reported.set(false);
        }
    }

    /** A peer has gone, or is too busy to take what is sent to it. */
    void lost(NodeId peer) {
        if (!closed && reported(peer).compareAndSet(false, true)) {
            try {
                receiver.get().onUnreachable(peer);
            } catch (RuntimeException e) {
                LOG.error("node {} failed to take the loss of {}", self, peer, e);
            }
        }
    }

    private AtomicBoolean reported(NodeId peer) {
        AtomicBoolean known = unreachable.get(peer);
        return known != null ? known : unreachable.computeIfAbsent(peer, unused -> new AtomicBoolean());
    }

    /** On the sender's thread. */
    private boolean deliver(Message message) {
        if (closed) {
            return false;
        }
        try {
            return receiver.get().onMessage(message);
        } catch (RuntimeException e) {
            LOG.error("node {} failed to take a message", self, e);
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        network.leave(this);
        onClose.accept(this);
    }
}
