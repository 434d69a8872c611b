package io.balsa.raft.client;

import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.ClientRequest;
import io.balsa.raft.port.ClientResponse;
import io.balsa.raft.port.LeaderHint;
import io.balsa.raft.port.RaftService;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A server that answers as it is told to, and remembers what it was asked. */
final class FakeService implements RaftService, AutoCloseable {
    final List<ClientRequest> requests = new ArrayList<>();
    final Deque<CompletableFuture<ClientResponse>> unanswered = new ArrayDeque<>();
    private Function<ClientRequest, Optional<ClientResponse>> behaviour = request -> Optional.empty();
    private boolean closed;

    /** Answers every request so from now on. */
    FakeService answers(ClientResponse response) {
        return answersBy(request -> Optional.of(response));
    }

    FakeService answersBy(Function<ClientRequest, Optional<ClientResponse>> newBehaviour) {
        behaviour = newBehaviour;
        return this;
    }

    FakeService leads() {
        return answersBy(request -> Optional.of(
                request instanceof ClientRequest.Propose
                        ? new ClientResponse.Applied(requests.size(), new byte[] {1})
                        : new ClientResponse.Answer(requests.size(), new byte[] {2})));
    }

    FakeService hintsAt(String address) {
        return answers(new ClientResponse.NotLeader(Optional.of(new LeaderHint(NodeId.of("hinted"), address))));
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public CompletableFuture<ClientResponse> submit(ClientRequest request) {
        requests.add(request);
        Optional<ClientResponse> response = behaviour.apply(request);
        if (response.isPresent()) {
            return CompletableFuture.completedFuture(response.get());
        }
        CompletableFuture<ClientResponse> future = new CompletableFuture<>();
        unanswered.addLast(future);
        return future;
    }

    @Override
    public void close() {
        closed = true;
    }
}
