package io.balsa.raft.adapter;

import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.RaftService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** A service whose answers a test decides, at once or later. */
final class FakeService implements RaftService {
    /** A request that the test answers by hand. */
    record Parked(ClientRequest request, CompletableFuture<ClientResponse> answer) {}

    final LinkedBlockingQueue<Parked> parked = new LinkedBlockingQueue<>();
    private final Function<ClientRequest, ClientResponse> answers;

    /**
     * @param answers gives the answer, or null to park the request
     */
    FakeService(Function<ClientRequest, ClientResponse> answers) {
        this.answers = answers;
    }

    /** Parks every request. */
    static FakeService parkingAll() {
        return new FakeService(request -> null);
    }

    /** Answers a command by itself. */
    static FakeService echo() {
        return new FakeService(request -> request instanceof ClientRequest.Propose propose
                ? new ClientResponse.Applied(1, propose.command())
                : new ClientResponse.Busy());
    }

    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        ClientResponse response = answers.apply(request);
        if (response != null) {
            return CompletableFuture.completedFuture(response);
        }
        CompletableFuture<ClientResponse> answer = new CompletableFuture<>();
        parked.add(new Parked(request, answer));
        return answer;
    }
}
