package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * All requests of one kind that are not answered yet, bounded. When the node stops, each is answered from here, wherever
 * it is then and even if the thread that has it hangs.
 */
final class Outstanding {
    private final Budget budget;
    private final Set<Pending> requests = ConcurrentHashMap.newKeySet();
    private volatile String closedReason;

    Outstanding(Budget budget) {
        this.budget = budget;
    }

    /**
     * Lets a request in and passes it on.
     *
     * @param next takes the request; false when it is full
     * @return the request's future
     */
    <T extends Pending> CompletableFuture<ClientResponse> admit(T request, Predicate<T> next) {
        if (closedReason != null) {
            return CompletableFuture.completedFuture(new ClientResponse.Unavailable(closedReason));
        }
        if (!budget.tryTake(request.bytes())) {
            return CompletableFuture.completedFuture(new ClientResponse.Busy());
        }
        requests.add(request);
        if (!next.test(request)) {
            request.answer(new ClientResponse.Busy());
        }
        // Whoever closed may have looked before the request was added.
        String reason = closedReason;
        if (reason != null) {
            request.abandon(reason);
        }
        return request.future();
    }

    /** Called by an answered request. */
    void remove(Pending request) {
        if (requests.remove(request)) {
            budget.giveBack(request.bytes());
        }
    }

    /** Lets nobody in any more, and answers everyone. */
    void close(String reason) {
        if (closedReason == null) {
            closedReason = reason;
        }
        for (Pending request : requests) {
            request.abandon(reason);
        }
    }

    int count() {
        return budget.count();
    }
}
