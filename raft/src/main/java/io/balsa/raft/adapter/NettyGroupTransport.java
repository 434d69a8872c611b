package io.balsa.raft.adapter;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.Exclusion;
import io.balsa.raft.port.Transport;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What one group has of {@link NettyGroupTransports}: its receiver, and who its members are. */
final class NettyGroupTransport implements Transport {
    private final String name;
    private final NettyGroupTransports all;
    private volatile Configuration members = Configuration.EMPTY;
    /** Those that were removed so long ago that they must know. */
    private volatile Set<NodeId> parted = Set.of();

    private volatile Receiver receiver;
    private volatile boolean closed;

    NettyGroupTransport(String name, NettyGroupTransports all) {
        this.name = name;
        this.all = all;
    }

    String name() {
        return name;
    }

    Configuration members() {
        return members;
    }

    @Override
    public void start(Receiver newReceiver) {
        synchronized (this) {
            if (receiver != null || closed) {
                throw new IllegalStateException("a transport is started once, and not after its end");
            }
            receiver = Objects.requireNonNull(newReceiver, "receiver");
        }
        all.begin(this);
    }

    @Override
    public void send(Message message) {
        if (!closed && !parted.contains(message.to())) {
            all.send(this, message);
        }
    }

    @Override
    public void flush() {
        all.flush();
    }

    @Override
    public void updateMembers(Configuration configuration) {
        Configuration before;
        synchronized (this) {
            before = members;
            members = configuration;
            // Whoever came back never left after all.
            partFrom(parted);
        }
        if (!closed) {
            all.membersChanged(before, configuration);
        }
    }

    /** Has nothing more to do with those that were removed, which other groups may still need. */
    synchronized void part() {
        partFrom(members.removed());
    }

    private void partFrom(Iterable<NodeId> peers) {
        List<NodeId> removed = members.removed();
        Set<NodeId> remaining = new HashSet<>();
        for (NodeId peer : peers) {
            if (removed.contains(peer)) {
                remaining.add(peer);
            }
        }
        parted = Set.copyOf(remaining);
    }

    /** Takes a message of a peer that is who it says; dropped when the group is too busy: Raft sends again what matters. */
    void deliver(Message message) {
        if (!closed && !parted.contains(message.from())) {
            receiver.onMessage(message);
        }
    }

    void unreachable(NodeId peer) {
        if (!closed) {
            receiver.onUnreachable(peer);
        }
    }

    void refused(NodeId peer, Exclusion.Reason reason, String text) {
        if (!closed) {
            receiver.onRefused(peer, reason, text);
        }
    }

    void welcome(NodeId peer) {
        if (!closed) {
            receiver.onWelcome(peer);
        }
    }

    @Override
    public Optional<String> addressOf(NodeId server) {
        return all.addressOf(server);
    }

    @Override
    public void close() {
        closed = true;
        all.end(this);
    }
}
