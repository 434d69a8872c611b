package io.balsa.statemachine.session;

import io.balsa.raft.client.NotAppliedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds how many waits of a kind a session has under way. */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class WaitLimit {
    private static final int MAX_WAITING = 10_000;

    private final AtomicInteger waiting = new AtomicInteger();

    /** Counts a wait until its result is there. */
    void enter(String what, CompletableFuture<?> result) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new NotAppliedException(what + " was not sent: " + MAX_WAITING
                    + " others of the session are waiting; wait for some of them");
        }
        result.whenComplete((value, failure) -> waiting.decrementAndGet());
    }
}
