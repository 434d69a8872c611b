package io.balsa.raft.node;

import io.balsa.raft.port.ClientResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * All requests of one kind that are not answered yet, bounded. When the node stops, each is answered from here, wherever
 * it is then and even if the thread that has it hangs, unless it is being answered already ({@link Pending#answerAll}).
 */
final class Outstanding {
    /** Whoever lets a request in and whoever answers another seldom meet in the same. */
    private static final int STRIPES = 16;
    /** Requests that come one after the other share a stripe, so that a processor needs fewer of what another has written. */
    private static final int NEIGHBOUR_BITS = 4;

    private final Budget budget;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final AtomicLong lastArrival = new AtomicLong();
    private volatile String closedReason;

    Outstanding(Budget budget) {
        this.budget = budget;
        Arrays.setAll(stripes, stripe -> new Stripe());
    }

    /**
     * Lets a request in and passes it on.
     *
     * @param next takes the request; false when it is full
     * @return the request's future
     */
    <T extends Pending> CompletableFuture<ClientResponse> admit(T request, Predicate<? super T> next) {
        if (closedReason != null) {
            return CompletableFuture.completedFuture(new ClientResponse.Unavailable(closedReason));
        }
        if (!budget.tryTake(request.bytes())) {
            return CompletableFuture.completedFuture(new ClientResponse.Busy());
        }
        request.arrivedAs(lastArrival.incrementAndGet());
        stripeOf(request).add(request);
        if (!next.test(request)) {
            request.answer(new ClientResponse.Busy());
        }
        // Whoever closed may have looked before the request was added.
        String reason = closedReason;
        if (reason != null) {
            request.abandon(reason);
        }
        return request;
    }

    /** Called by an answered request. */
    void remove(Pending request) {
        if (stripeOf(request).remove(request)) {
            budget.giveBack(request.bytes());
        }
    }

    /** Called for requests that were answered together: whoever lets others in meanwhile is disturbed once, not for each. */
    void removeAll(List<? extends Pending> requests) {
        int count = 0;
        long bytes = 0;
        for (int i = 0; i < requests.size(); i++) {
            Pending request = requests.get(i);
            if (stripeOf(request).remove(request)) {
                count++;
                bytes += request.bytes();
            }
        }
        if (count > 0) {
            budget.giveBack(count, bytes);
        }
    }

    /** Lets nobody in any more, and answers everyone, in the order of their arrival. */
    void close(String reason) {
        if (closedReason == null) {
            closedReason = reason;
        }
        List<Pending> inOrder = new ArrayList<>();
        for (Stripe stripe : stripes) {
            stripe.addAllTo(inOrder);
        }
        inOrder.sort(Comparator.comparingLong(Pending::arrival));
        for (Pending request : inOrder) {
            request.abandon(reason);
        }
    }

    int count() {
        return budget.count();
    }

    private Stripe stripeOf(Pending request) {
        return stripes[(int) (request.arrival() >>> NEIGHBOUR_BITS) & (STRIPES - 1)];
    }

    /** A list whose members are its links: adding and removing cost no memory. */
    private static final class Stripe {
        private Pending first;

        synchronized void add(Pending request) {
            request.next = first;
            if (first != null) {
                first.previous = request;
            }
            first = request;
            request.isListed = true;
        }

        /** False if it was not there. */
        synchronized boolean remove(Pending request) {
            if (!request.isListed) {
                return false;
            }
            request.isListed = false;
            if (request.previous == null) {
                first = request.next;
            } else {
                request.previous.next = request.next;
            }
            if (request.next != null) {
                request.next.previous = request.previous;
            }
            request.previous = null;
            request.next = null;
            return true;
        }

        synchronized void addAllTo(List<Pending> requests) {
            for (Pending request = first; request != null; request = request.next) {
                requests.add(request);
            }
        }
    }
}
