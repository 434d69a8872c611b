package io.balsa.raft.node;

import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.core.Ready;
import io.balsa.raft.core.SnapshotDescription;
import io.balsa.raft.port.SnapshotStorage;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Sends one snapshot to one follower, part by part: first asks how much the follower has already, then keeps a small window of
 * parts on the way, goes back to where the follower is when parts got lost, and asks again when it hears nothing. Belongs to
 * the thread of the {@link SnapshotTransfer}.
 */
final class SnapshotSender implements AutoCloseable {
    private static final int WINDOW_PARTS = 4;
    private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final byte[] EMPTY = new byte[0];

    private final NodeId self;
    private final Ready.Send send;
    private final SnapshotStorage.Source source;
    private final SnapshotDescription description;
    private final int partBytes;

    /** The follower has what lies below this offset. */
    private long acknowledged;
    /** What lies below this offset was sent. */
    private long sent;
    /** The offset to which this sender went back last, so that it does so only once for all the answers that say it. */
    private long wentBackTo = -1;

    private boolean asking = true;
    private boolean asked;
    private long heardNanos;
    private long progressNanos;

    private SnapshotSender(NodeId self, Ready.Send send, SnapshotStorage.Source source, int partBytes, long nowNanos) {
        this.self = self;
        this.send = send;
        this.source = source;
        this.description = source.description();
        this.partBytes = partBytes;
        this.heardNanos = nowNanos;
        this.progressNanos = nowNanos;
    }

    /** Begins with the latest snapshot; empty if there is none that the follower could use. */
    static Optional<SnapshotSender> begin(
            NodeId self, Ready.Send send, SnapshotStorage storage, int partBytes, long nowNanos) {
        return storage.latest()
                .filter(latest -> latest.metadata().index() >= send.minIndex())
                .flatMap(storage::open)
                .map(source -> new SnapshotSender(self, send, source, partBytes, nowNanos));
    }

    Ready.Send send() {
        return send;
    }

    SnapshotDescription description() {
        return description;
    }

    long index() {
        return description.metadata().index();
    }

    /** The follower answered. */
    void onResponse(Message.InstallSnapshotResponse response, long nowNanos) {
        if (response.snapshotIndex() != index() || response.nextOffset() > description.sizeBytes()) {
            return;
        }
        heardNanos = nowNanos;
        long next = response.nextOffset();
        if (next > acknowledged) {
            progressNanos = nowNanos;
        }
        // Said again, it shows that a later part did not fit; lower than before, that all of it proved damaged.
        boolean gap = next == acknowledged && next < sent && next != wentBackTo;
        if (asking || gap || next < acknowledged || next > sent) {
            wentBackTo = gap ? next : -1;
            sent = next;
        }
        asking = false;
        acknowledged = next;
    }

    /** Whether there has been no progress for so long; what waits for its first turn, among other senders, does not stall. */
    boolean isStalled(long timeoutNanos, long nowNanos) {
        return nanosUntilStalled(timeoutNanos, nowNanos) <= 0;
    }

    /** How long until it is stalled, if it hears nothing. */
    long nanosUntilStalled(long timeoutNanos, long nowNanos) {
        return asked ? timeoutNanos - (nowNanos - progressNanos) : Long.MAX_VALUE;
    }

    /** Whether it has something to say at once. */
    boolean isReady(long nowNanos) {
        return nanosUntilReady(nowNanos) <= 0;
    }

    /** How long until it has something to say, if it hears nothing. */
    long nanosUntilReady(long nowNanos) {
        if (!asked || (!asking && sent < description.sizeBytes() && sent - acknowledged < windowBytes())) {
            return 0;
        }
        return ASK_AGAIN_NANOS - (nowNanos - heardNanos);
    }

    private long windowBytes() {
        return (long) WINDOW_PARTS * partBytes;
    }

    /** What it has to say, when it is ready. */
    Message.InstallSnapshot next(long nowNanos) throws IOException {
        if (asked && !asking && nowNanos - heardNanos < ASK_AGAIN_NANOS) {
            byte[] data = source.read(sent, partBytes);
            Message.InstallSnapshot part = message(sent, data);
            sent += data.length;
            return part;
        }
        if (!asked) {
            asked = true;
            progressNanos = nowNanos;
        }
        asking = true;
        heardNanos = nowNanos;
        return message(acknowledged, EMPTY);
    }

    private Message.InstallSnapshot message(long offset, byte[] data) {
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        return new Message.InstallSnapshot(
                self, send.peer(), send.term(), description, offset, data, (int) checksum.getValue());
    }

    @Override
    public void close() {
        source.close();
    }
}
