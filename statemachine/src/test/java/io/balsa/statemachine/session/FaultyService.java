package io.balsa.statemachine.session;

import com.google.protobuf.InvalidProtocolBufferException;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import io.balsa.statemachine.proto.Command;
import io.balsa.statemachine.proto.Error;
import io.balsa.statemachine.proto.Result;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A server whose connection fails as a test says. */
final class FaultyService implements RaftService {
    private final RaftService server;
    private final AtomicInteger lostReplies = new AtomicInteger();
    private final AtomicInteger lostAnswers = new AtomicInteger();
    private volatile boolean unreachable;
    private volatile boolean silent;
    private volatile Function<Command, Error.Code> refusal = command -> Error.Code.UNSPECIFIED;
    private final Queue<ClientResponse> oldAnswers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger proposals = new AtomicInteger();

    FaultyService(RaftService server) {
        this.server = server;
    }

    /** The next so many commands are carried out, but their answers are lost. */
    void loseReplies(int count) {
        lostReplies.set(count);
    }

    /** The answers to the next so many reads that are answered are lost. */
    void loseAnswersToReads(int count) {
        lostAnswers.set(count);
    }

    /** The next read is answered so, as by a server that is behind. */
    void answerTheNextReadAsOnce(ClientResponse answer) {
        oldAnswers.add(answer);
    }

    /** Nothing gets through, and that is noticed. */
    void unreachable(boolean value) {
        unreachable = value;
    }

    /** Nothing gets through, and that is not noticed. */
    void silent(boolean value) {
        silent = value;
    }

    /** How many commands were sent, the same again counted again. */
    int proposals() {
        return proposals.get();
    }

    /** Commands are answered by a refusal of the state machine, which never sees them, as often as the test says. */
    void refuse(Function<Command, Error.Code> refusals) {
        refusal = refusals;
    }

    private Error.Code refusalOf(ClientRequest request) {
        try {
            return request instanceof ClientRequest.Propose propose
                    ? refusal.apply(Command.parseFrom(propose.command()))
                    : Error.Code.UNSPECIFIED;
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        if (request instanceof ClientRequest.Propose) {
            proposals.incrementAndGet();
        }
        if (unreachable) {
            return CompletableFuture.completedFuture(new ClientResponse.Unavailable("the test says so"));
        }
        if (silent) {
            return new CompletableFuture<>();
        }
        if (request instanceof ClientRequest.Read && !oldAnswers.isEmpty()) {
            return CompletableFuture.completedFuture(oldAnswers.remove());
        }
        Error.Code refused = refusalOf(request);
        if (refused != Error.Code.UNSPECIFIED) {
            Result result = Result.newBuilder()
                    .setError(Error.newBuilder().setCode(refused))
                    .build();
            return CompletableFuture.completedFuture(new ClientResponse.Applied(1, result.toByteArray()));
        }
        return server.submit(request).thenApply(answer -> pass(request, answer));
    }

    private ClientResponse pass(ClientRequest request, ClientResponse answer) {
        if (request instanceof ClientRequest.Propose && takeOne(lostReplies)) {
            return new ClientResponse.Unknown("the test lost the reply");
        }
        if (request instanceof ClientRequest.Read && takeOne(lostAnswers)) {
            return new ClientResponse.Unavailable("the test lost the answer");
        }
        return answer;
    }

    private static boolean takeOne(AtomicInteger counter) {
        return counter.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }
}
