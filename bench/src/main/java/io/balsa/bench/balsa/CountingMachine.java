package io.balsa.bench.balsa;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Counts commands, and does nothing else with them. */
final class CountingMachine implements StateMachine {
    private static final byte[] NOTHING = new byte[0];

    private long count;

    @Override
    public byte[] apply(LogEntry entry) {
        count++;
        return NOTHING;
    }

    @Override
    public void read(byte[] query, CompletableFuture<byte[]> reply) {
        reply.complete(ByteBuffer.allocate(Long.BYTES).putLong(count).array());
    }

    @Override
    public long nextDeadlineMillis() {
        return NO_DEADLINE;
    }

    @Override
    public Snapshot cutSnapshot() {
        throw new IllegalStateException("nodes without a snapshot storage take no snapshots");
    }

    @Override
    public void restore(InputStream input) throws IOException {
        count = new DataInputStream(input).readLong();
    }
}
