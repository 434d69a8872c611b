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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries messages between nodes of one JVM, as the objects that they are. Each node has a bounded queue and one thread
 * that delivers from it, or shares one with the other groups of {@link LocalGroupTransports}.
 */
public final class LocalTransport implements Transport {
    /** At most this many messages wait for a node, unless said otherwise. */
    public static final int DEFAULT_MAX_QUEUED_MESSAGES = 8192;

    /** At most about this many bytes of messages wait for a node, unless said otherwise. */
    public static final long DEFAULT_MAX_QUEUED_BYTES = 64L << 20;

    /** Where nothing waits, one such message may: a heartbeat, a vote or an answer, however much waits for other groups. */
    private static final long SMALL_BYTES = 1 << 10;

    /** @param reserved of what may wait for the host */
    private record Waiting(Message message, long bytes, boolean reserved) {}

    private static final Logger LOG = LoggerFactory.getLogger(LocalTransport.class);

    private final LocalNetwork network;
    private final NodeId self;
    private final int maxQueuedMessages;
    private final long maxQueuedBytes;
    /** Null if this transport has one of its own. */
    private final LocalCourier shared;

    /** What may wait for all groups of a host together. */
    private final ByteBudget total;

    private final Consumer<LocalTransport> onClose;
    private final Map<NodeId, AtomicBoolean> unreachable = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    // The rest is guarded by the lock.
    private final Queue<Waiting> queue = new ArrayDeque<>();
    // At most one for each peer, since each is reported once.
    private final Queue<NodeId> unreachableReports = new ArrayDeque<>();
    private long queuedBytes;
    private Receiver receiver;
    private LocalCourier courier;
    private boolean hasTurn;
    private boolean closed;

    public LocalTransport(LocalNetwork network, NodeId self) {
        this(network, self, DEFAULT_MAX_QUEUED_MESSAGES, DEFAULT_MAX_QUEUED_BYTES);
    }

    /**
     * @param maxQueuedMessages at most this many messages wait for this node
     * @param maxQueuedBytes at most about this many bytes of messages wait for this node
     */
    public LocalTransport(LocalNetwork network, NodeId self, int maxQueuedMessages, long maxQueuedBytes) {
        this(
                network,
                self,
                maxQueuedMessages,
                maxQueuedBytes,
                null,
                new ByteBudget(Integer.MAX_VALUE, Long.MAX_VALUE),
                closed -> {});
    }

    LocalTransport(
            LocalNetwork network,
            NodeId self,
            int maxQueuedMessages,
            long maxQueuedBytes,
            LocalCourier shared,
            ByteBudget total,
            Consumer<LocalTransport> onClose) {
        this.network = Objects.requireNonNull(network, "network");
        this.self = Objects.requireNonNull(self, "self");
        if (maxQueuedMessages < 1 || maxQueuedBytes < 1) {
            throw new IllegalArgumentException("a queue has a positive bound");
        }
        this.maxQueuedMessages = maxQueuedMessages;
        this.maxQueuedBytes = maxQueuedBytes;
        this.shared = shared;
        this.total = total;
        this.onClose = onClose;
    }

    NodeId self() {
        return self;
    }

    @Override
    public void start(Receiver newReceiver) {
        Objects.requireNonNull(newReceiver, "receiver");
        lock.lock();
        try {
            if (receiver != null || closed) {
                throw new IllegalStateException("a transport is started once, and not after its end");
            }
            network.join(this);
            receiver = newReceiver;
            courier = shared == null ? new LocalCourier(self.value()) : shared;
            askForTurn();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void askForTurn() {
        if (!hasTurn && !closed && courier != null && !(queue.isEmpty() && unreachableReports.isEmpty())) {
            hasTurn = true;
            courier.giveTurn(this::deliverNext);
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
                askForTurn();
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
            boolean reserved = total.tryReserve(size);
            if (!reserved && !(queue.isEmpty() && size <= SMALL_BYTES)) {
                return false;
            }
            queue.add(new Waiting(message, size, reserved));
            queuedBytes += size;
            askForTurn();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void deliverNext() {
        Waiting next;
        NodeId peer;
        lock.lock();
        try {
            hasTurn = false;
            if (closed) {
                return;
            }
            peer = unreachableReports.poll();
            next = queue.poll();
            if (next != null) {
                queuedBytes -= next.bytes();
                giveBack(next);
            }
            askForTurn();
        } finally {
            lock.unlock();
        }
        deliver(peer, next == null ? null : next.message());
    }

    private void giveBack(Waiting waited) {
        if (waited.reserved()) {
            total.release(waited.bytes());
        }
    }

    private void deliver(NodeId peer, Message message) {
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
        LocalCourier own;
        lock.lock();
        try {
            closed = true;
            own = shared == null ? courier : null;
            queue.forEach(this::giveBack);
            queue.clear();
            queuedBytes = 0;
            unreachableReports.clear();
        } finally {
            lock.unlock();
        }
        network.leave(this);
        if (own != null) {
            own.close();
        }
        onClose.accept(this);
    }
}
