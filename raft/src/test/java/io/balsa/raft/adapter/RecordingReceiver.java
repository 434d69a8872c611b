package io.balsa.raft.adapter;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.Transport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what a transport delivers; can refuse or hold up delivery. */
final class RecordingReceiver implements Transport.Receiver {
    final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    final List<NodeId> unreachable = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    final List<NodeId> welcomes = new CopyOnWriteArrayList<>();
    final AtomicInteger refuseNext = new AtomicInteger();
    private final Semaphore open = new Semaphore(1);
    private volatile boolean refuses;

    @Override
    public boolean onMessage(Message message) {
        open.acquireUninterruptibly();
        open.release();
        if (refuses || refuseNext.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return false;
        }
        return messages.add(message);
    }

    @Override
    public void onUnreachable(NodeId peer) {
        unreachable.add(peer);
    }

    @Override
    public void onRefused(NodeId peer, Exclusion.Reason reason, String text) {
        refusals.add(peer + " " + reason + " " + text);
    }

    @Override
    public void onWelcome(NodeId peer) {
        welcomes.add(peer);
    }

    /** Makes the next delivery wait. */
    void hold() {
        open.acquireUninterruptibly();
    }

    /** Takes nothing from now on. */
    void refuse() {
        refuses = true;
    }

    void letGo() {
        if (refuses) {
            refuses = false;
        } else {
            open.release();
        }
    }
}
