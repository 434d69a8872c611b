package io.balsa.statemachine;

import com.google.protobuf.ByteString;
import io.balsa.fuzz.Check;
import io.balsa.fuzz.Choices;
import io.balsa.fuzz.Decoder;
import io.balsa.fuzz.MessageFiller;
import io.balsa.raft.adapter.RawInput;
import io.balsa.raft.core.EntryType;
import io.balsa.statemachine.proto.AcquireLock;
import io.balsa.statemachine.proto.Answer;
import io.balsa.statemachine.proto.ArriveAtBarrier;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Put;
import io.balsa.statemachine.proto.Query;
import io.balsa.statemachine.proto.RegisterService;
import io.balsa.statemachine.proto.ServiceInstance;
import io.balsa.statemachine.proto.UpdateCounter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Queries: each is answered at once, or waits; none changes the state. */
public final class QueryDecoder implements Decoder {
    private static final int MAX_QUERIES = 20;

    @Override
    public void decode(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        Machines machines = populated();
        byte[] before = Machines.snapshotOf(machines.machine());
        List<CompletableFuture<byte[]>> waiting = new ArrayList<>();
        if (choices.flip()) {
            for (int i = 0; i < MAX_QUERIES && !choices.isSpent(); i++) {
                Query.Builder query = new MessageFiller(choices).fill(Query.getDefaultInstance()).toBuilder();
                if (choices.below(8) != 0) {
                    query.setVersion(FormatVersions.QUERY);
                }
                ask(machines, query.build().toByteArray(), waiting);
            }
        } else {
            ask(machines, choices.rest(), waiting);
        }
        Check.that(Arrays.equals(before, Machines.snapshotOf(machines.machine())), "a query has changed the state");
        // Ends both sessions, and with them everything that is waited for but services and counters.
        machines.apply(EntryType.CLOCK, 100_000, new byte[0]);
        for (CompletableFuture<byte[]> reply : waiting) {
            if (reply.isDone()) {
                checkAnswer(reply);
            }
        }
    }

    private static void ask(Machines machines, byte[] query, List<CompletableFuture<byte[]>> waiting)
            throws IOException {
        CompletableFuture<byte[]> reply = new CompletableFuture<>();
        machines.machine().read(query, reply);
        if (reply.isDone()) {
            checkAnswer(reply);
        } else {
            waiting.add(reply);
        }
    }

    private static void checkAnswer(CompletableFuture<byte[]> reply) throws IOException {
        Check.that(
                Answer.parseFrom(reply.join()).getAnswerCase() != Answer.AnswerCase.ANSWER_NOT_SET,
                "an answer without content");
    }

    private static Machines populated() throws IOException {
        Machines machines = Machines.withSessions();
        command(machines, 1, 1, c -> c.setAcquireLock(lock()));
        command(machines, 2, 1, c -> c.setAcquireLock(lock()));
        command(
                machines,
                1,
                2,
                c -> c.setRegisterService(RegisterService.newBuilder()
                        .setInstance(ServiceInstance.newBuilder().setName("a").setId("n1"))));
        command(machines, 2, 2, c -> c.setPut(Put.newBuilder().setKey("a").setValue(ByteString.copyFromUtf8("b"))));
        command(
                machines,
                1,
                3,
                c -> c.setUpdateCounter(UpdateCounter.newBuilder().setName("a").setSet(5)));
        command(
                machines,
                2,
                3,
                c -> c.setArriveAtBarrier(
                        ArriveAtBarrier.newBuilder().setName("a").setParties(2).setHolder(1)));
        return machines;
    }

    private static AcquireLock lock() {
        return AcquireLock.newBuilder()
                .setName("a")
                .setHolder(1)
                .setTtlMillis(5000)
                .setWaitMillis(5000)
                .build();
    }

    private interface Operation {
        Command.Builder set(Command.Builder command);
    }

    private static void command(Machines machines, long session, long sequence, Operation operation) {
        machines.apply(
                EntryType.COMMAND,
                10,
                operation
                        .set(Command.newBuilder()
                                .setVersion(FormatVersions.COMMAND)
                                .setSession(session)
                                .setSequence(sequence))
                        .build()
                        .toByteArray());
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        List<byte[]> seeds = new ArrayList<>(MessageFiller.anyDecisions(20, 200));
        MessageFiller.takenForEachCase(Query.getDefaultInstance(), "query", List.of(), List.of(), bytes -> true)
                .forEach(bytes -> seeds.add(RawInput.of(bytes)));
        return seeds;
    }

    @Override
    public long fixedBytes() {
        return 4L << 20;
    }
}
