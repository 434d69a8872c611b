package io.balsa.statemachine;

import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.StateMachine;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.Query;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Replicates clock, sessions, locks, services, key-values, counters and barriers; the protocol is in {@code balsa/state.proto}.
 *
 * <p>Each entry goes the same way: the clock advances to its stamp, what is due ends, the command is executed unless it was
 * before, locks that became free are granted, and reads that waited for any of it are answered.
 */
public final class CoordinationStateMachine implements StateMachine {
    private static final byte[] NO_RESULT = {};

    private final StateMachineLimits limits;
    private final ParkedReads parkedReads = new ParkedReads();
    private CoordinationState state;
    private CommandExecutor commands;
    private QueryExecutor queries;

    public CoordinationStateMachine() {
        this(StateMachineLimits.defaults());
    }

    /** @param limits the same on every server of a cluster */
    public CoordinationStateMachine(StateMachineLimits limits) {
        this.limits = Objects.requireNonNull(limits, "limits");
        use(CoordinationState.empty(limits, parkedReads));
    }

    private void use(CoordinationState newState) {
        state = newState;
        commands = new CommandExecutor(limits, newState);
        queries = new QueryExecutor(limits, newState);
    }

    /** {@inheritDoc} The result of a command is a {@code Result}; other entries have none. */
    @Override
    public byte[] apply(LogEntry entry) {
        state.clock().advanceTo(entry);
        state.expireDue();
        byte[] result = entry.type() == EntryType.COMMAND ? commands.execute(entry.payload()) : NO_RESULT;
        state.locks().grantFreed();
        parkedReads.answerWoken(query -> queries.answer(queries.whenWoken(query)));
        return result;
    }

    /** {@inheritDoc} Takes a {@code Query}, answers with an {@code Answer}. */
    @Override
    public void read(byte[] query, CompletableFuture<byte[]> reply) {
        try {
            Query parsed = QueryExecutor.parse(query);
            Optional<Answer> answer = queries.answer(parsed);
            if (answer.isPresent()) {
                reply.complete(answer.get().toByteArray());
            } else if (!reply.isDone()) {
                park(parsed, reply);
            }
        } catch (Refused refused) {
            reply.complete(QueryExecutor.refused(refused).toByteArray());
        }
    }

    private void park(Query query, CompletableFuture<byte[]> reply) throws Refused {
        if (parkedReads.size() >= limits.maxParkedReads()) {
            throw Refused.limit("there are " + limits.maxParkedReads() + " reads waiting on this server");
        }
        parkedReads.park(queries.topicOf(query), queries.whileParked(query), reply);
    }

    @Override
    public long nextDeadlineMillis() {
        return state.deadlines().earliestMillis();
    }

    /**
     * {@inheritDoc} The first phase takes time and memory in proportion to the number of things in the state (values are
     * shared, not copied); sorting and encoding are left to the second.
     */
    @Override
    public Snapshot cutSnapshot() {
        return StateSnapshot.of(state);
    }

    @Override
    public void restore(InputStream input) throws IOException {
        StateRestorer restorer = new StateRestorer(limits, parkedReads);
        SnapshotCodec.read(input, restorer::add);
        use(restorer.finished());
        parkedReads.wakeAll();
        parkedReads.answerWoken(queries::answer);
    }

    /** A digest of a snapshot of the state: equal on all servers that applied the same entries. For tests. */
    public long stateHash() {
        try (Snapshot snapshot = cutSnapshot();
                DigestOutputStream output =
                        new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
            snapshot.writeTo(output);
            return ByteBuffer.wrap(output.getMessageDigest().digest()).getLong();
        } catch (IOException e) {
            throw new UncheckedIOException("a digest takes all bytes", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** For tests of the parts' invariants. */
    CoordinationState state() {
        return state;
    }

    /** For tests: how many reads wait. */
    int parkedReadCount() {
        return parkedReads.size();
    }
}
