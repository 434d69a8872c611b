package io.balsa.lock.zookeeper;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.statemachine.session.SessionExpiredException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** A request that changes nothing, repeated until it is answered, or until the time for a request is over. */
// What becomes of a request is seen where it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class RepeatedRead<T> {
    private final ZooKeeperBackend backend;
    private final String unknown;
    private final Supplier<Optional<LockSession>> session;
    private final boolean bound;
    private final Function<Requests, CompletableFuture<T>> request;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Backoff backoff = new Backoff();
    private volatile long sentNanos;

    /**
     * @param unknown how its failure begins
     * @param session where to ask, each time anew; empty when nowhere at the moment
     * @param bound whether it is about that session, so that another is of no use
     */
    RepeatedRead(
            ZooKeeperBackend backend,
            String unknown,
            Supplier<Optional<LockSession>> session,
            boolean bound,
            Function<Requests, CompletableFuture<T>> request) {
        this.backend = backend;
        this.unknown = unknown;
        this.session = session;
        this.bound = bound;
        this.request = request;
    }

    /** The monotonic clock just before the request was sent that was answered. */
    long sentNanos() {
        return sentNanos;
    }

    /** Asks. The answer comes within the time for a request, on a thread for callers. */
    CompletableFuture<T> begin() {
        Runnable cancel = backend.runtime()
                .schedule(
                        backend.requestTimeoutNanos(),
                        () -> fail("no server answered within " + Duration.ofNanos(backend.requestTimeoutNanos())
                                + "; see whether a majority of them lives"));
        result.whenComplete((answer, failure) -> cancel.run());
        if (backend.sessions().isConnected()) {
            send();
        } else {
            backend.runtime().callers().execute(this::send);
        }
        return result;
    }

    private void fail(String reason) {
        NotAppliedException failure =
                new NotAppliedException(unknown + ", by ZooKeeper at " + backend.servers() + ": " + reason);
        backend.runtime().callers().execute(() -> result.completeExceptionally(failure));
    }

    private void send() {
        if (result.isDone()) {
            return;
        }
        Optional<LockSession> present = session.get();
        if (!backend.sessions().isOpen()) {
            fail(ZooKeeperBackend.CLIENT_CLOSED);
            return;
        }
        if (present.isEmpty()) {
            again();
            return;
        }
        long nanos = backend.runtime().nanoTime();
        request.apply(present.get().requests()).whenComplete((answer, failure) -> {
            if (failure == null) {
                sentNanos = nanos;
                backend.runtime().callers().execute(() -> result.complete(answer));
            } else if (Failures.isExpiry(failure)) {
                expired(present.get());
            } else if (Failures.isUnanswered(failure)) {
                again();
            } else {
                fail(Failures.message(failure));
            }
        });
    }

    private void expired(LockSession asked) {
        asked.end("it expired");
        if (!bound) {
            again();
            return;
        }
        SessionExpiredException failure = new SessionExpiredException(
                unknown + ": the session of ZooKeeper at " + backend.servers() + " is over");
        backend.runtime().callers().execute(() -> result.completeExceptionally(failure));
    }

    private void again() {
        backend.runtime()
                .schedule(backoff.nextNanos(), () -> backend.runtime().callers().execute(this::send));
    }
}
