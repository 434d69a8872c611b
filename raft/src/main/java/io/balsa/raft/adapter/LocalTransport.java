package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Transport;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries messages between nodes of one JVM, as the objects that they are. Each node has a bounded queue and one thread
 * that delivers from it.
 */
public final class LocalTransport implements Transport {
    /** At most this many messages wait for a node, unless said otherwise. */
    public static final int DEFAULT_MAX_QUEUED_MESSAGES = 8192;

    /** At most about this many bytes of messages wait for a node, unless said otherwise. */
    public static final long DEFAULT_MAX_QUEUED_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(LocalTransport.class);
    private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

    private final LocalNetwork network;
    private final NodeId self;
    private final int maxQueuedMessages;
    private final long maxQueuedBytes;
    private final Map<NodeId, AtomicBoolean> unreachable = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    // The rest is guarded by the lock.
    private final Queue<Message> queue = new ArrayDeque<>();
    // At most one for each peer, since each is reported once.
    private final Queue<NodeId> unreachableReports = new ArrayDeque<>();
    private long queuedBytes;
    private Thread thread;
    private boolean closed;

    public LocalTransport(LocalNetwork network, NodeId self) {
        this(network, self, DEFAULT_MAX_QUEUED_MESSAGES, DEFAULT_MAX_QUEUED_BYTES);
    }

    /**
     * @param maxQueuedMessages at most this many messages wait for this node
     * @param maxQueuedBytes at most about this many bytes of messages wait for this node
     */
    public LocalTransport(LocalNetwork network, NodeId self, int maxQueuedMessages, long maxQueuedBytes) {
        this.network = Objects.requireNonNull(network, "network");
        this.self = Objects.requireNonNull(self, "self");
        if (maxQueuedMessages < 1 || maxQueuedBytes < 1) {
            throw new IllegalArgumentException("a queue has a positive bound");
        }
        this.maxQueuedMessages = maxQueuedMessages;
        this.maxQueuedBytes = maxQueuedBytes;
    }

    NodeId self() {
        return self;
    }

    @Override
    public void start(Receiver receiver) {
        Objects.requireNonNull(receiver, "receiver");
        lock.lock();
        try {
            if (thread != null || closed) {
                throw new IllegalStateException("a transport is started once, and not after its end");
            }
            network.join(this);
            thread = new Thread(() -> deliver(receiver), "balsa-local-" + self);
            thread.setDaemon(true);
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(Message message) {
        NodeId to = message.to();
        AtomicBoolean reported = unreachable.computeIfAbsent(to, unused -> new AtomicBoolean());
        LocalTransport receiver = network.find(to);
        if (receiver != null && network.find(self) == this && receiver.offer(message)) {
            reported.set(false);
        } else {
            lost(to);
        }
    }

    /** A peer has gone, or takes no more. */
    void lost(NodeId peer) {
        AtomicBoolean reported = unreachable.computeIfAbsent(peer, unused -> new AtomicBoolean());
        if (!reported.compareAndSet(false, true)) {
            return;
        }
        lock.lock();
        try {
            if (!closed) {
                unreachableReports.add(peer);
                notEmpty.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean offer(Message message) {
        long size = MessageSize.of(message);
        lock.lock();
        try {
            boolean fits =
                    queue.isEmpty() || (queue.size() < maxQueuedMessages && queuedBytes + size <= maxQueuedBytes);
            if (closed || !fits) {
                return false;
            }
            queue.add(message);
            queuedBytes += size;
            notEmpty.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void deliver(Receiver receiver) {
        while (true) {
            Message message;
            NodeId peer;
            lock.lock();
            try {
                while (!closed && queue.isEmpty() && unreachableReports.isEmpty()) {
                    notEmpty.awaitUninterruptibly();
                }
                if (closed) {
                    return;
                }
                peer = unreachableReports.poll();
                message = queue.poll();
                if (message != null) {
                    queuedBytes -= MessageSize.of(message);
                }
            } finally {
                lock.unlock();
            }
            deliver(receiver, peer, message);
        }
    }

    private void deliver(Receiver receiver, NodeId peer, Message message) {
        try {
            if (peer != null) {
                receiver.onUnreachable(peer);
            }
            if (message != null) {
                // Dropped when it is too busy: Raft sends again what matters.
                receiver.onMessage(message);
            }
        } catch (RuntimeException e) {
            LOG.error("node {} failed to take a message", self, e);
        }
    }

    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = thread;
            queue.clear();
            queuedBytes = 0;
            unreachableReports.clear();
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
        network.leave(this);
        if (running != null && running != Thread.currentThread()) {
            awaitEnd(running);
        }
    }

    private void awaitEnd(Thread running) {
        try {
            running.join(CLOSE_TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
