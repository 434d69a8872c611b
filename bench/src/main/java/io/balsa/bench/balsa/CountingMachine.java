package io.balsa.bench.balsa;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Counts commands, and does nothing else with them. */
final class CountingMachine implements StateMachine {
    private static final byte[] NOTHING = new byte[0];

    private long count;
    private long index;

    @Override
    public byte[] apply(LogEntry entry) {
        count++;
        index = entry.index();
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
        return new Cut(index, count);
    }

    @Override
    public void restore(InputStream input) throws IOException {
        DataInputStream content = new DataInputStream(input);
        index = content.readLong();
        count = content.readLong();
    }

    /** The count at an index. */
    private record Cut(long index, long count) implements Snapshot {
        @Override
        public void writeTo(OutputStream output) throws IOException {
            DataOutputStream content = new DataOutputStream(output);
            content.writeLong(index);
            content.writeLong(count);
            content.flush();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
