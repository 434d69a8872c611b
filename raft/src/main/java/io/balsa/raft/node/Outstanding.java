package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * All requests of one kind that are not answered yet, bounded. When the node stops, each is answered from here, wherever
 * it is then and even if the thread that has it hangs.
 */
final class Outstanding {
    private final Budget budget;
    private final Set<Pending> requests = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastArrival = new AtomicLong();
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
        request.arrivedAs(lastArrival.incrementAndGet());
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

    /** Lets nobody in any more, and answers everyone, in the order of their arrival. */
    void close(String reason) {
        if (closedReason == null) {
            closedReason = reason;
        }
        List<Pending> inOrder = new ArrayList<>(requests);
        inOrder.sort(Comparator.comparingLong(Pending::arrival));
        for (Pending request : inOrder) {
            request.abandon(reason);
        }
    }

    int count() {
        return budget.count();
    }
}
