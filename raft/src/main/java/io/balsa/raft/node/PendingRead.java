package io.balsa.raft.node;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.ClientResponse;
import java.util.concurrent.CompletableFuture;

/** A client's read on its way through the node. Its changing parts belong to whoever has the {@link Applier}'s gate. */
final class PendingRead extends Pending {
    private final byte[] query;
    private final boolean byLease;
    private final long deadlineNanos;
    private long atIndex;
    private CompletableFuture<byte[]> parked;

    /**
     * @param atIndex served when at least this index is applied
     * @param byLease whether the leader's lease is enough to confirm it
     * @param deadlineNanos when it is over, on the node's clock
     */
    PendingRead(byte[] query, long atIndex, boolean byLease, long deadlineNanos, Outstanding outstanding) {
        super(query.length + (long) LogEntry.OVERHEAD_BYTES, outstanding);
        this.query = query;
        this.atIndex = atIndex;
        this.byLease = byLease;
        this.deadlineNanos = deadlineNanos;
    }

    byte[] query() {
        return query;
    }

    long atIndex() {
        return atIndex;
    }

    boolean isByLease() {
        return byLease;
    }

    /** The leader's confirmation, or its lease, named the index. Before the read is with the applier. */
    void confirmedAt(long index) {
        atIndex = index;
    }

    /** How long it still has; the difference stays right when the clock's numbers overflow. */
    long remainingNanos(long nowNanos) {
        return deadlineNanos - nowNanos;
    }

    /** The reply that the state machine keeps, or null when it keeps none. */
    CompletableFuture<byte[]> parked() {
        return parked;
    }

    void park(CompletableFuture<byte[]> reply) {
        parked = reply;
    }

    @Override
    ClientResponse abandonedInFlight(String reason) {
        return new ClientResponse.Unavailable(reason);
    }
}
