package io.balsa.statemachine.session;

import com.google.protobuf.ByteString;
import io.balsa.raft.port.ReadConsistency;
import io.balsa.statemachine.proto.Delete;
import io.balsa.statemachine.proto.GetKey;
import io.balsa.statemachine.proto.Mismatch;
import io.balsa.statemachine.proto.Put;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The key-values as a {@link ClientSession} sees them. */
final class SessionKeyValues implements KeyValues {
    private final ClientSession session;

    SessionKeyValues(ClientSession session) {
        this.session = session;
    }

    @Override
    public Optional<KeyValue> get(String key) {
        return get(key, ReadConsistency.LINEARIZABLE);
    }

    @Override
    public Optional<KeyValue> get(String key, ReadConsistency consistency) {
        return Failures.await(read(key, consistency), session.options().requestTimeout(), "get '" + key + "'");
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> getAsync(String key, ReadConsistency consistency) {
        return session.deliver(read(key, consistency));
    }

    private CompletableFuture<Optional<KeyValue>> read(String key, ReadConsistency consistency) {
        String what = "get '" + key + "'";
        return session.read(
                        consistency,
                        query -> query.setGetKey(GetKey.newBuilder().setKey(key)),
                        what)
                .thenApply(answer -> {
                    if (!answer.hasKeyState()) {
                        throw Wire.unexpected(what, answer.getAnswerCase());
                    }
                    return Wire.keyValue(key, answer.getKeyState());
                });
    }

    @Override
    public long put(String key, byte[] value) {
        return written(key, session.commands().call(putOperation(key, value)));
    }

    @Override
    public long put(String key, String text) {
        return put(key, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CompletableFuture<Long> putAsync(String key, byte[] value) {
        return session.deliver(
                session.commands().submit(putOperation(key, value)).thenApply(outcome -> written(key, outcome)));
    }

    private static Operation putOperation(String key, byte[] value) {
        Put command = Put.newBuilder()
                .setKey(key)
                .setValue(ByteString.copyFrom(value))
                .build();
        return new Operation("put '" + key + "'", builder -> builder.setPut(command));
    }

    private static Long written(String key, Outcome outcome) {
        if (!outcome.result().hasWritten()) {
            throw Wire.unexpected("put '" + key + "'", outcome.result().getOutcomeCase());
        }
        return outcome.result().getWritten().getRevision();
    }

    @Override
    public boolean delete(String key) {
        return deleted(key, session.commands().call(deleteOperation(key)));
    }

    @Override
    public CompletableFuture<Boolean> deleteAsync(String key) {
        return session.deliver(
                session.commands().submit(deleteOperation(key)).thenApply(outcome -> deleted(key, outcome)));
    }

    private static Operation deleteOperation(String key) {
        Delete command = Delete.newBuilder().setKey(key).build();
        return new Operation("delete '" + key + "'", builder -> builder.setDelete(command));
    }

    private static Boolean deleted(String key, Outcome outcome) {
        if (!outcome.result().hasDeleted()) {
            throw Wire.unexpected("delete '" + key + "'", outcome.result().getOutcomeCase());
        }
        return outcome.result().getDeleted().getExisted();
    }

    @Override
    public CompareAndSetResult compareAndSet(String key, Expected expected, byte[] newValue) {
        return compared(key, session.commands().call(compareOperation(key, expected, newValue)));
    }

    @Override
    public CompletableFuture<CompareAndSetResult> compareAndSetAsync(String key, Expected expected, byte[] newValue) {
        return session.deliver(session.commands()
                .submit(compareOperation(key, expected, newValue))
                .thenApply(outcome -> compared(key, outcome)));
    }

    private static Operation compareOperation(String key, Expected expected, byte[] newValue) {
        return new Operation(
                "compare-and-set '" + key + "'",
                builder -> builder.setCompareAndSet(Wire.compareAndSet(key, expected, newValue)));
    }

    private static CompareAndSetResult compared(String key, Outcome outcome) {
        return switch (outcome.result().getOutcomeCase()) {
            case WRITTEN ->
                new CompareAndSetResult.Set(outcome.result().getWritten().getRevision());
            case MISMATCH -> {
                Mismatch mismatch = outcome.result().getMismatch();
                yield new CompareAndSetResult.Mismatch(
                        mismatch.getExists() ? Optional.of(mismatch.getValue().toByteArray()) : Optional.empty(),
                        mismatch.getRevision());
            }
            default ->
                throw Wire.unexpected(
                        "compare-and-set '" + key + "'", outcome.result().getOutcomeCase());
        };
    }
}
