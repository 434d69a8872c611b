package io.balsa.lock.redis;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import io.balsa.lock.backend.LockBackend;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The locks of one Redis server, or of a quorum: decides what becomes of requests, and repeats what may be repeated. */
// What a continuation fails with reaches the future that it completes, or nobody waits for it.
@SuppressWarnings("FutureReturnValueIgnored")
final class RedisBackend implements LockBackend, WaitQueues.Attempts, Servers.User {
    private static final Logger LOG = LoggerFactory.getLogger(RedisBackend.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int OWNER_BYTES = 16;
    private static final int MAX_KEY = 1_024;
    private static final long RENEW_PAUSE_MILLIS = 50;

    private final RedisLockOptions options;
    private final Loop loop;
    private final Servers servers;
    private final WaitQueues queues;
    private final Runnable closeClient;

    private final Set<Acquisition> acquisitions = ConcurrentHashMap.newKeySet();

    /** What would leave something behind at a server if it were broken off. */
    private final Map<Object, CompletableFuture<?>> underWay = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** Makes the servers. */
    interface ServersFactory {
        Servers create(Loop loop, Servers.User user);
    }

    /** @param closeClient frees what was opened for these locks alone */
    RedisBackend(RedisLockOptions options, Loop loop, ServersFactory factory, Runnable closeClient) {
        this.options = options;
        this.loop = loop;
        this.servers = factory.create(loop, this);
        this.queues = new WaitQueues(loop, this, servers, options.pollInterval().toNanos());
        this.closeClient = closeClient;
    }

    @Override
    public void mayBeFree(String key) {
        queues.wake(key);
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public Set<Capability> capabilities() {
        return servers.capabilities();
    }

    @Override
    public CompletableFuture<Optional<Holding>> acquire(String key, Duration ttl, Duration wait) {
        check(key, ttl);
        long began = loop.nanoTime();
        // No nanosecond is so far away that it would look like the past.
        long waitNanos = wait.compareTo(Ttl.LONGEST) < 0 ? wait.toNanos() : Ttl.LONGEST.toNanos();
        long failNanos = Math.max(waitNanos, options.requestTimeout().toNanos());
        Acquisition acquisition =
                new Acquisition(key, newOwner(options.holderName()), ttl, began + waitNanos, began + failNanos);
        acquisitions.add(acquisition);
        acquisition.future().whenComplete((holding, failure) -> {
            acquisitions.remove(acquisition);
            if (acquisition.decide()) {
                isUnderWay(servers.abandon(acquisition));
                loop.execute(() -> queues.leave(acquisition));
            }
        });
        if (closed) {
            end(acquisition, closedFailure());
            return acquisition.future();
        }
        attempt(acquisition).thenAccept(attempt -> {
            if (!take(acquisition, attempt)) {
                loop.execute(() -> queues.join(acquisition, attempt));
            }
        });
        return acquisition.future();
    }

    /** Guessed by nobody, and told from all others by people too. */
    static String newOwner(String holderName) {
        byte[] random = new byte[OWNER_BYTES];
        RANDOM.nextBytes(random);
        return holderName + "/" + HexFormat.of().formatHex(random);
    }

    private static void check(String key, Duration ttl) {
        if (key.length() > MAX_KEY) {
            throw new IllegalArgumentException(
                    "the key of a lock has " + key.length() + " characters; redis locks take at most " + MAX_KEY);
        }
        Ttl.millis(key, ttl);
    }

    @Override
    public CompletableFuture<Attempt> attempt(Acquisition acquisition) {
        CompletableFuture<Attempt> attempt =
                servers.acquire(acquisition).thenApply(answer -> inTime(acquisition, answer));
        isUnderWay(attempt);
        return attempt;
    }

    /** An answer that took longer than the TTL grants nothing. */
    private Attempt inTime(Acquisition acquisition, Attempt attempt) {
        if (attempt instanceof Attempt.Granted granted && granted.holding().validUntilNanos() - loop.nanoTime() <= 0) {
            acquisition.askAs(newOwner(options.holderName()));
            isUnderWay(servers.release(granted.holding()));
            return new Attempt.Busy(0);
        }
        return attempt;
    }

    @Override
    public boolean take(Acquisition acquisition, Attempt attempt) {
        if (attempt instanceof Attempt.Granted granted) {
            grant(acquisition, granted.holding());
            return true;
        }
        if (attempt instanceof Attempt.Failed failed) {
            acquisition.failed(failed.failure());
        }
        if (acquisition.isDecided()) {
            isUnderWay(servers.abandon(acquisition));
            return true;
        }
        if (attempt instanceof Attempt.Failed failed) {
            if (failed.failure().isPassing() && loop.nanoTime() - acquisition.failAtNanos() < 0) {
                return false;
            }
            fail(acquisition);
            return true;
        }
        if (loop.nanoTime() - acquisition.waitUntilNanos() < 0) {
            return false;
        }
        endEmpty(acquisition);
        return true;
    }

    @Override
    public boolean timeOver(Acquisition acquisition, boolean failing) {
        if (!failing) {
            endEmpty(acquisition);
            return true;
        }
        if (loop.nanoTime() - acquisition.failAtNanos() < 0) {
            return false;
        }
        if (acquisition.failure() == null) {
            // It stood behind another, which made the attempts.
            end(
                    acquisition,
                    new NotAppliedException("lock '" + acquisition.key() + "' could not be acquired: " + servers.name()
                            + " does not answer; nothing was changed, it may be tried again"));
        } else {
            fail(acquisition);
        }
        return true;
    }

    private void grant(Acquisition acquisition, Holding holding) {
        if (!acquisition.decide()) {
            isUnderWay(servers.release(holding));
            return;
        }
        loop.callbacks().execute(() -> {
            if (!acquisition.future().complete(Optional.of(holding))) {
                isUnderWay(servers.release(holding));
            }
        });
    }

    private void endEmpty(Acquisition acquisition) {
        if (acquisition.decide()) {
            isUnderWay(servers.abandon(acquisition));
            loop.callbacks().execute(() -> acquisition.future().complete(Optional.empty()));
        }
    }

    private void fail(Acquisition acquisition) {
        end(
                acquisition,
                acquisition.failure().toRequestException("lock '" + acquisition.key() + "' could not be acquired"));
    }

    private void end(Acquisition acquisition, RequestException failure) {
        if (acquisition.decide()) {
            isUnderWay(servers.abandon(acquisition));
            loop.callbacks().execute(() -> acquisition.future().completeExceptionally(failure));
        }
    }

    @Override
    public void isUnderWay(CompletableFuture<?> future) {
        if (!future.isDone()) {
            Object name = new Object();
            underWay.put(name, future);
            future.whenComplete((result, failure) -> underWay.remove(name));
        }
    }

    @Override
    public CompletableFuture<Optional<Holding>> renew(Holding holding, Duration ttl) {
        check(holding.key(), ttl);
        return answered(repeated(() -> renewOnce(holding, ttl)), "lock '" + holding.key() + "' could not be renewed");
    }

    private CompletableFuture<Optional<Holding>> renewOnce(Holding holding, Duration ttl) {
        long sentNanos = loop.nanoTime();
        return servers.renew(holding, Ttl.millis(holding.key(), ttl))
                .thenApply(held -> held ? Optional.of(holding.renewed(ttl, sentNanos)) : Optional.empty());
    }

    /** Repeats what does no harm when it is done twice, until it succeeds or the request timeout is over. */
    private <T> CompletableFuture<T> repeated(Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        repeat(request, loop.nanoTime() + options.requestTimeout().toNanos(), null, result);
        return result;
    }

    private <T> void repeat(
            Supplier<CompletableFuture<T>> request,
            long untilNanos,
            RequestFailure earlier,
            CompletableFuture<T> result) {
        request.get().whenComplete((value, failure) -> {
            if (failure == null) {
                result.complete(value);
                return;
            }
            RequestFailure cause = RequestFailure.from(failure).after(earlier);
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(
                    ThreadLocalRandom.current().nextLong(RENEW_PAUSE_MILLIS / 2, RENEW_PAUSE_MILLIS + 1));
            if (!cause.isPassing() || closed || loop.nanoTime() + pauseNanos - untilNanos > 0) {
                result.completeExceptionally(cause);
            } else {
                loop.schedule(pauseNanos, () -> repeat(request, untilNanos, cause, result));
            }
        });
    }

    /** Hands an answer to the application. */
    private <T> CompletableFuture<T> answered(CompletableFuture<T> answer, String failedWhat) {
        CompletableFuture<T> result = new CompletableFuture<>();
        isUnderWay(result);
        answer.whenComplete((value, failure) -> loop.callbacks().execute(() -> {
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(RequestFailure.from(failure).toRequestException(failedWhat));
            }
        }));
        return result;
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        CompletableFuture<Boolean> release = servers.release(holding);
        isUnderWay(release);
        CompletableFuture<Boolean> told = answered(release, "lock '" + holding.key() + "' could not be released");
        Runnable cancelTimeout = loop.schedule(options.requestTimeout().toNanos(), () -> {
            if (!release.isDone()) {
                OutcomeUnknownException failure = new OutcomeUnknownException("the release of lock '" + holding.key()
                        + "' is not confirmed by " + servers.name() + " within " + options.requestTimeout()
                        + "; it is tried on in the background, and the lock ends by its TTL at the latest");
                loop.callbacks().execute(() -> told.completeExceptionally(failure));
            }
        });
        told.whenComplete((released, failure) -> cancelTimeout.run());
        return told;
    }

    /** Requests that were not answered may have prolonged it, or granted it once more. */
    @Override
    public void lapsed(Holding holding) {
        isUnderWay(servers.release(holding));
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        return answered(repeated(() -> servers.isLocked(key)), "it is not known whether lock '" + key + "' is held");
    }

    private NotAppliedException closedFailure() {
        return new NotAppliedException("the locks of " + servers.name() + " are closed; open them anew");
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        acquisitions.forEach(acquisition -> end(acquisition, closedFailure()));
        awaitUnderWay();
        servers.close();
        loop.close();
        closeClient.run();
    }

    /** What was asked before is answered or taken back, if the servers can be reached. */
    private void awaitUnderWay() {
        long deadline = loop.nanoTime() + options.requestTimeout().toNanos();
        List<CompletableFuture<?>> rest = List.copyOf(underWay.values());
        while (!rest.isEmpty() && deadline - loop.nanoTime() > 0) {
            CompletableFuture.allOf(rest.toArray(CompletableFuture[]::new))
                    .exceptionally(failure -> null)
                    .completeOnTimeout(null, deadline - loop.nanoTime(), TimeUnit.NANOSECONDS)
                    .join();
            rest = List.copyOf(underWay.values());
        }
        if (!rest.isEmpty()) {
            LOG.warn(
                    "{} requests to {} were not answered before the close; what they got ends by its TTL",
                    rest.size(),
                    servers.name());
        }
    }
}
