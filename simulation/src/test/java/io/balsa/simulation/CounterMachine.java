package io.balsa.simulation;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** The smallest state machine that is one: every command adds one, every query asks how many there were. */
class CounterMachine implements StateMachine {
    private long index;
    private long value;

    static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** How many commands there were. */
    long value() {
        return value;
    }

    @Override
    public byte[] apply(LogEntry entry) {
        index = entry.index();
        if (entry.type() == EntryType.COMMAND) {
            value++;
        }
        return bytes(value);
    }

    @Override
    public void read(byte[] query, CompletableFuture<byte[]> reply) {
        reply.complete(bytes(value()));
    }

    @Override
    public long nextDeadlineMillis() {
        return NO_DEADLINE;
    }

    @Override
    public Snapshot cutSnapshot() {
        return new Cut(index, value);
    }

    @Override
    public void restore(InputStream input) throws IOException {
        DataInputStream data = new DataInputStream(input);
        index = data.readLong();
        value = data.readLong();
        if (data.read() >= 0) {
            throw new IOException("a counter has nothing behind its value");
        }
    }

    private record Cut(long index, long value) implements Snapshot {
        @Override
        public void writeTo(OutputStream output) throws IOException {
            DataOutputStream data = new DataOutputStream(output);
            data.writeLong(index);
            data.writeLong(value);
            data.flush();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
