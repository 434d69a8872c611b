package io.balsa.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Carries snapshots for one {@link CoreServer}, as a driver does: sends the latest in parts of a byte to whoever needs it, keeps
 * the parts that arrive, and has the core's {@link #takeNews() news} of both.
 */
final class SnapshotCourier {
    /** A transfer that is not answered for so long is given up; the core then begins another. */
    private static final long PATIENCE_MILLIS = 300;

    private static final class Sending {
        private final SnapshotDescription snapshot;
        private final long term;
        private long silentMillis;

        Sending(SnapshotDescription snapshot, long term) {
            this.snapshot = snapshot;
            this.term = term;
        }
    }

    private final NodeId self;
    private final CrashingDisk disk;
    private final Consumer<Message> network;
    private final Map<NodeId, Sending> sendings = new TreeMap<>();
    private final Deque<Input> news = new ArrayDeque<>();
    private SnapshotDescription receiving;
    private long receivedBytes;

    SnapshotCourier(NodeId self, CrashingDisk disk, Consumer<Message> network) {
        this.self = self;
        this.disk = disk;
        this.network = network;
    }

    /** A crash forgets what is under way. */
    void forget() {
        sendings.clear();
        news.clear();
        receiving = null;
    }

    boolean hasNews() {
        return !news.isEmpty();
    }

    /** The oldest news for the core. */
    Input takeNews() {
        return news.removeFirst();
    }

    /** Makes a snapshot of the server's own state durable. */
    void taken(SnapshotMetadata metadata, long compactBelow) {
        disk.publish(metadata);
        news.addLast(new Input.SnapshotTaken(metadata, compactBelow));
    }

    /** The state machine has taken over a snapshot. */
    void restored(long index) {
        news.addLast(new Input.Applied(index));
    }

    void carryOut(Ready.Snapshots snapshots) {
        snapshots.ended().forEach(this::end);
        for (Ready.Send send : snapshots.sends()) {
            SnapshotMetadata metadata = disk.snapshot().orElseThrow();
            Invariant.check(metadata.index() >= send.minIndex(), "the snapshot that is asked for is there");
            // One to three parts.
            long size = 1 + metadata.index() % 3;
            sendings.put(
                    send.peer(),
                    new Sending(new SnapshotDescription(metadata, size, metadata.hashCode()), send.term()));
            sendPart(send.peer(), 0);
        }
        for (Message.InstallSnapshotResponse response : snapshots.responses()) {
            Sending sending = sendings.get(response.from());
            if (sending != null && sending.snapshot.metadata().index() == response.snapshotIndex()) {
                sending.silentMillis = 0;
                sendPart(response.from(), response.nextOffset());
            }
        }
        snapshots.chunks().forEach(this::store);
    }

    private void sendPart(NodeId peer, long offset) {
        Sending sending = sendings.get(peer);
        if (offset < sending.snapshot.sizeBytes()) {
            network.accept(new Message.InstallSnapshot(
                    self, peer, sending.term, sending.snapshot, offset, new byte[] {(byte) offset}, 0));
        }
    }

    private void store(Message.InstallSnapshot part) {
        if (!part.snapshot().equals(receiving)) {
            receiving = part.snapshot();
            receivedBytes = 0;
        }
        if (part.offset() == receivedBytes) {
            receivedBytes += part.data().length;
        }
        SnapshotMetadata metadata = receiving.metadata();
        news.addLast(new Input.SnapshotChunkStored(part.from(), part.term(), metadata.index(), receivedBytes));
        if (receivedBytes == receiving.sizeBytes()) {
            receiving = null;
            disk.publish(metadata);
            news.addLast(new Input.SnapshotReceived(metadata));
        }
    }

    /** Gives up the transfers that get no answers. */
    void timePasses(long millis) {
        for (NodeId peer : new ArrayList<>(sendings.keySet())) {
            Sending sending = sendings.get(peer);
            sending.silentMillis += millis;
            if (sending.silentMillis >= PATIENCE_MILLIS) {
                end(peer);
            }
        }
    }

    private void end(NodeId peer) {
        if (sendings.remove(peer) != null) {
            news.addLast(new Input.SnapshotSendEnded(peer));
        }
    }
}
