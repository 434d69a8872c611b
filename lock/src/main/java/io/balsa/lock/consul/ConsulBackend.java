package io.balsa.lock.consul;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.kiwiproject.consul.Consul;

/** The locks of a Consul cluster: a session for each holding, whose key exists as long as it is held. */
// What a future ends with reaches the one that depends on it.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConsulBackend implements LockBackend {
    /** What Consul takes as the TTL of a session. */
    static final Duration MIN_TTL = Duration.ofSeconds(10);

    static final Duration MAX_TTL = Duration.ofHours(24);

    private final ConsulLockOptions options;
    private final ConsulKeys keys;
    private final ConsulRequests requests;
    private final ConsulThreads threads;
    private final ConsulCleaner cleaner;
    private final ConsulQueue queue;
    private final Runnable onClose;

    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param sessions opens sessions; otherwise the client does
     * @param onClose closes the client, where it is not somebody else's
     */
    ConsulBackend(Consul client, Optional<TtlSessions> sessions, ConsulLockOptions options, Runnable onClose) {
        this.options = options;
        this.onClose = onClose;
        keys = new ConsulKeys(options.prefix());
        requests = new ConsulRequests(client, sessions, options);
        threads = new ConsulThreads(options.requests());
        cleaner = new ConsulCleaner(requests, threads);
        queue = new ConsulQueue(threads, new ConsulWatch(requests, threads));
    }

    @Override
    public String name() {
        return "consul";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FENCING, Capability.SERVER_TTL, Capability.MAJORITY);
    }

    @Override
    public CompletableFuture<Optional<Holding>> acquire(String lock, Duration ttl, Duration wait) {
        checkTtl(lock, ttl);
        ConsulAcquisition acquisition = new ConsulAcquisition(lock, keys.of(lock), ttl, requests, threads, cleaner);
        try {
            acquisition.start(wait, options.requestTimeout(), queue::leave);
            if (wait.isZero()) {
                threads.acquiring().execute(() -> attemptOnce(acquisition));
            } else {
                queue.join(acquisition);
            }
        } catch (RejectedExecutionException e) {
            acquisition.fail(new NotAppliedException("lock '" + lock
                    + "' was not asked for at Consul: its locks are closed, or too many requests wait; try later"));
        }
        return acquisition.result();
    }

    private void attemptOnce(ConsulAcquisition acquisition) {
        // Nobody waits for another attempt: whatever comes of this one completes it.
        acquisition.attempt();
    }

    private static void checkTtl(String lock, Duration ttl) {
        if (ttl.compareTo(MIN_TTL) < 0) {
            throw new IllegalArgumentException(
                    "the ttl of lock '" + lock + "' is " + ttl + ", but Consul keeps none below " + MIN_TTL.toSeconds()
                            + " s; take a longer one, or another backend of locks");
        }
        if (ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("the ttl of lock '" + lock + "' is " + ttl
                    + ", but Consul keeps none above " + MAX_TTL.toHours() + " h; take a shorter one, and renew it");
        }
    }

    @Override
    public CompletableFuture<Optional<Holding>> renew(Holding holding, Duration ttl) {
        if (ttl.compareTo(holding.ttl()) > 0) {
            throw new IllegalArgumentException("lock '" + holding.key() + "' cannot be renewed for " + ttl
                    + ": a session of Consul keeps the TTL that it was opened with, " + holding.ttl()
                    + "; acquire it with the longest that will be needed");
        }
        return ask("lock '" + holding.key() + "' could not be renewed", threads.keeping(), () -> {
            long sentNanos = System.nanoTime();
            if (!requests.renewSession(holding.id())) {
                return Optional.empty();
            }
            // The session may live without the lock: its key can be deleted by hand.
            Optional<String> holder =
                    requests.readCertainly(keys.of(holding.key())).session();
            if (!holder.equals(Optional.of(holding.id()))) {
                cleaner.destroy(holding.id(), holding.ttl());
                return Optional.empty();
            }
            return Optional.of(holding.renewed(holding.ttl(), sentNanos));
        });
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        String key = keys.of(holding.key());
        return ask("lock '" + holding.key() + "' could not be released", threads.keeping(), () -> {
            try {
                boolean held = requests.unlock(key, holding.id());
                cleaner.destroy(holding.id(), holding.ttl());
                return held;
            } catch (RuntimeException e) {
                cleaner.release(key, holding.id(), holding.ttl());
                throw e;
            }
        });
    }

    /** Consul would wait for up to another TTL. Not a release: the lock delay is for holders that lose their lock. */
    @Override
    public void lapsed(Holding holding) {
        cleaner.destroy(holding.id(), holding.ttl());
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String lock) {
        return ask(
                "lock '" + lock + "' could not be looked at",
                threads.acquiring(),
                () -> requests.readCertainly(keys.of(lock)).session().isPresent());
    }

    /** @param what failed, should it fail */
    private <T> CompletableFuture<T> ask(String what, Executor executor, Supplier<T> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            Future<?> bound = threads.after(
                    options.requestTimeout(),
                    () -> fail(
                            answer,
                            new OutcomeUnknownException(what + " for certain at Consul: no answer came within "
                                    + options.requestTimeout().toMillis() + " ms; is the agent there?")));
            answer.whenComplete((result, failure) -> bound.cancel(false));
            executor.execute(() -> {
                try {
                    T result = request.get();
                    threads.completing().execute(() -> answer.complete(result));
                } catch (RuntimeException e) {
                    fail(answer, ConsulFailures.requestFailure(what, e));
                }
            });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new NotAppliedException(
                    what + " at Consul: its locks are closed, or too many requests wait; try later"));
        }
        return answer;
    }

    private void fail(CompletableFuture<?> answer, RequestException failure) {
        try {
            threads.completing().execute(() -> answer.completeExceptionally(failure));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(failure);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        queue.waiting()
                .forEach(acquisition ->
                        acquisition.fail(new NotAppliedException("the locks of Consul are closed; open them anew")));
        cleaner.stopInsisting();
        boolean interrupted = false;
        try {
            // What is under way may have got a lock that nobody wants any more, and cleans up.
            threads.stopAcquiring(options.requestTimeout());
            cleaner.idle().get(options.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (ExecutionException | TimeoutException e) {
            // What is left runs out at Consul by itself.
        }
        threads.close();
        onClose.run();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
