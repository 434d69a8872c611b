package io.balsa.lock.consul;

import io.balsa.lock.backend.Holding;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One request for a lock, from the first look at its key until it is granted or given up. It opens a session when it first
 * sees the lock free, and keeps it for further attempts; a session without a holding is ended in any case.
 *
 * <p>Thread-safe; attempts are made one at a time.
 */
// The future is completed here, and what follows from that is done here.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConsulAcquisition {
    private final String lock;
    private final String key;
    private final Duration ttl;
    private final ConsulRequests requests;
    private final ConsulThreads threads;
    private final ConsulCleaner cleaner;
    private final CompletableFuture<Optional<Holding>> result = new CompletableFuture<>();

    private Optional<String> session = Optional.empty();

    /** Its attempt is under way, and will see to the session. */
    private boolean attempting;

    /** It holds the lock, and the session is the lease's. */
    private boolean granted;

    /** Nobody waits for it any more. */
    private boolean over;

    /** The wait is over: the attempt that is under way, or the first, is the last. */
    private boolean late;

    private boolean attempted;
    private Optional<RequestException> lastFailure = Optional.empty();

    /** What an attempt came to. */
    sealed interface Turn {
        /** It is granted, failed for good, or given up: nothing is left to do for it. */
        record Done() implements Turn {}

        /**
         * Another holds it.
         *
         * @param index of Consul's, after which to wait for a change
         */
        record Held(BigInteger index) implements Turn {}

        /** It was free, and still could not be had: another was faster, or Consul gives it to nobody during a lock delay. */
        record Refused() implements Turn {}

        /** Consul could not be asked; the next attempt may succeed. */
        record Failed() implements Turn {}
    }

    ConsulAcquisition(
            String lock,
            String key,
            Duration ttl,
            ConsulRequests requests,
            ConsulThreads threads,
            ConsulCleaner cleaner) {
        this.lock = lock;
        this.key = key;
        this.ttl = ttl;
        this.requests = requests;
        this.threads = threads;
        this.cleaner = cleaner;
    }

    CompletableFuture<Optional<Holding>> result() {
        return result;
    }

    /**
     * Begins to count its time.
     *
     * @param onOver called once it is over, for whatever reason
     */
    void start(Duration wait, Duration requestTimeout, Consumer<ConsulAcquisition> onOver) {
        late = wait.isZero();
        Future<?> end = threads.after(wait, this::waitIsOver);
        Future<?> bound = threads.after(wait.plus(requestTimeout), this::boundIsReached);
        result.whenComplete((holding, failure) -> {
            end.cancel(false);
            bound.cancel(false);
            abandon();
            onOver.accept(this);
        });
    }

    String key() {
        return key;
    }

    /** It waits behind another for whom the lock is not free: its wait may end before its first attempt. */
    synchronized void queued() {
        attempted = true;
    }

    private void waitIsOver() {
        synchronized (this) {
            late = true;
            if (attempting || !attempted) {
                return;
            }
        }
        giveUp();
    }

    /** Not free in time, or not to be asked. */
    private void giveUp() {
        Optional<RequestException> failure;
        synchronized (this) {
            failure = lastFailure;
        }
        if (failure.isPresent()) {
            fail(failure.get());
        } else {
            complete(Optional.empty());
        }
    }

    private void boundIsReached() {
        boolean sent;
        synchronized (this) {
            sent = attempting;
        }
        String what = "lock '" + lock + "' ";
        fail(
                sent
                        ? new OutcomeUnknownException(
                                what + "was asked for at Consul, which does not answer in time; what it"
                                        + " grants still is given back")
                        : new NotAppliedException(
                                what + "could not be asked for at Consul in time: too many requests wait before it"));
    }

    /** Fails it, if nothing has come of it before. */
    void fail(RequestException failure) {
        execute(() -> result.completeExceptionally(failure));
    }

    private void complete(Optional<Holding> holding) {
        execute(() -> {
            if (!result.complete(holding)) {
                holding.ifPresent(given -> cleaner.release(key, given.id(), ttl));
            }
        });
    }

    /** Where an application's code may follow. */
    private void execute(Runnable completion) {
        try {
            threads.completing().execute(completion);
        } catch (RejectedExecutionException e) {
            completion.run();
        }
    }

    /** It was completed, by whomever: a session that no attempt and no holding needs is ended. */
    private void abandon() {
        Optional<String> unused = Optional.empty();
        synchronized (this) {
            over = true;
            if (!attempting && !granted) {
                unused = session;
                session = Optional.empty();
            }
        }
        unused.ifPresent(left -> cleaner.destroy(left, ttl));
    }

    /** Tries once to get the lock; blocks for the requests. */
    Turn attempt() {
        synchronized (this) {
            if (over) {
                return new Turn.Done();
            }
            attempting = true;
        }
        Attempt attempt = new Attempt();
        Turn turn = attempt.run();
        boolean abandoned;
        boolean isLast;
        synchronized (this) {
            attempting = false;
            attempted = true;
            lastFailure = attempt.failure;
            abandoned = over;
            granted = attempt.holding.isPresent() && !over;
            isLast = late && !(turn instanceof Turn.Done);
        }
        if (abandoned) {
            cleanUp(attempt.mayHold);
            return new Turn.Done();
        }
        if (attempt.holding.isPresent()) {
            complete(attempt.holding);
        } else if (turn instanceof Turn.Done) {
            if (attempt.mayHold) {
                cleanUp(true);
            }
            giveUp();
        } else if (isLast) {
            giveUp();
            return new Turn.Done();
        }
        return turn;
    }

    private void cleanUp(boolean mayHold) {
        Optional<String> left;
        synchronized (this) {
            left = session;
            session = Optional.empty();
        }
        if (mayHold) {
            left.ifPresent(unsure -> cleaner.release(key, unsure, ttl));
        } else {
            left.ifPresent(unused -> cleaner.destroy(unused, ttl));
        }
    }

    /** One attempt, whose requests follow each other on one thread. */
    private final class Attempt {
        private Optional<Holding> holding = Optional.empty();
        private Optional<RequestException> failure = Optional.empty();

        /** Whether the session may have the lock. */
        private boolean mayHold;

        Turn run() {
            long sentNanos;
            String own;
            try {
                // Looking costs little; a session and a refusal are writes of the whole cluster.
                ConsulRequests.KeyState state = requests.read(key);
                if (state.session().isPresent()) {
                    return new Turn.Held(state.index());
                }
                sentNanos = System.nanoTime();
                own = freshSession();
            } catch (RuntimeException e) {
                // Without a lock, a session is nothing: it runs out by itself.
                failure = Optional.of(ConsulFailures.notApplied("lock '" + lock + "' could not be acquired", e));
                return ConsulFailures.isRefusal(e) ? new Turn.Done() : new Turn.Failed();
            }
            try {
                OptionalLong token = requests.lock(key, own);
                if (token.isEmpty()) {
                    return new Turn.Refused();
                }
                mayHold = true;
                holding = Optional.of(new Holding(lock, own, token.getAsLong(), ttl, sentNanos));
                return new Turn.Done();
            } catch (RuntimeException e) {
                failure = Optional.of(ConsulFailures.requestFailure("lock '" + lock + "' could not be acquired", e));
                if (ConsulFailures.isWithoutEffect(e) && !ConsulFailures.isRefusal(e)) {
                    return new Turn.Failed();
                }
                mayHold = !ConsulFailures.isWithoutEffect(e);
                return new Turn.Done();
            }
        }

        /** A session whose TTL begins now. */
        private String freshSession() {
            Optional<String> before;
            synchronized (ConsulAcquisition.this) {
                before = session;
            }
            if (before.isPresent() && requests.renewSession(before.get())) {
                return before.get();
            }
            String created = requests.createSession(ttl);
            synchronized (ConsulAcquisition.this) {
                session = Optional.of(created);
            }
            return created;
        }
    }
}
