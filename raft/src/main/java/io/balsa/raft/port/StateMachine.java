package io.balsa.raft.port;

import io.balsa.raft.core.LogEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/**
 * What a group replicates. All methods are called by one thread at a time, which sees what those before it did, except where
 * said: mostly the one that applies entries, and in {@link #read} often that of a client.
 *
 * <p>{@link #apply} must be deterministic: the same entries give the same state and results on every server. No clock,
 * no random numbers, no order of hash maps. An exception from it halts the node.
 */
public interface StateMachine {
    /** No deadline is pending. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /**
     * Applies the next committed entry. Entries of every type are given, since each moves the replicated clock on.
     *
     * @return the result for whoever proposed it; null counts as empty
     */
    byte[] apply(LogEntry entry);

    /**
     * Answers a query from the current state, now or later. A query that waits for something is parked by not completing
     * the reply; the state machine completes it during a later {@link #apply}. The node completes a reply exceptionally
     * when its time is over or the node stops; the state machine must then forget it. Nothing is applied while a query is looked
     * at, so that must be quick.
     *
     * @param query what to read
     * @param reply completed with the answer, on the calling thread
     */
    void read(byte[] query, CompletableFuture<byte[]> reply);

    /**
     * The replicated time in milliseconds at which {@link #apply} has something to expire, or {@link #NO_DEADLINE}. When
     * it is due and nothing else is written, the leader appends an entry that carries only the time.
     */
    long nextDeadlineMillis();

    /**
     * Cuts a snapshot of the state as of the last applied entry: the cheap first phase, on the apply thread.
     *
     * @return the second phase, for another thread; entries applied meanwhile do not show in it
     */
    Snapshot cutSnapshot();

    /**
     * Replaces the whole state by that of a snapshot.
     *
     * @throws IOException if the input ends early, is damaged or cannot be read; the state is then undefined
     */
    void restore(InputStream input) throws IOException;

    /** A state that was cut at one index. Used by one thread, not necessarily that of the state machine. */
    interface Snapshot extends AutoCloseable {
        /** The index of the last entry whose effect is in it. */
        long index();

        /** Writes the state. Equal states give equal bytes, on every server. */
        void writeTo(OutputStream output) throws IOException;

        @Override
        void close();
    }
}
