package io.balsa.lock.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks of one server. It remembers which requests for a lock were not answered, until it is known that nothing can come of
 * them any more.
 *
 * <p>Thread-safe. Futures fail by {@link RequestFailure} only.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class LockServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LockServer.class);

    /** So much longer than was asked for, since servers count in whole milliseconds, of a clock that they read before. */
    static final long GRAIN_MILLIS = 2;

    /** For how long a server refuses an owner who gave up: far longer than a request can be on its way. */
    private static final long ABANDONED_MILLIS = TimeUnit.MINUTES.toMillis(2);

    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final ServerConnection connection;
    private final RedisKeys keys;
    private final Loop loop;

    /** Owners of requests whose outcome is not known: they may have a lock now, or get it yet. */
    private final Set<String> unsettled = ConcurrentHashMap.newKeySet();

    /** Owners of requests that are not answered yet: a release may overtake them. */
    private final Set<String> asking = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    LockServer(RedisClient client, RedisURI uri, RedisLockOptions options, Loop loop) {
        this.connection = new ServerConnection(client, uri, loop, options.requestTimeout());
        this.keys = new RedisKeys(options.keyPrefix());
        this.loop = loop;
    }

    /** For messages. */
    String name() {
        return connection.name();
    }

    /**
     * Asks for a lock, once. Another request of the same owner is granted what an earlier one was.
     *
     * @param owner shared with no other holding
     */
    CompletableFuture<LockAnswer> acquire(String key, String owner, long ttlMillis) {
        String[] names = {keys.lock(key), keys.token(), keys.abandoned(owner)};
        asking.add(owner);
        return connection
                .<List<Object>>run(Script.ACQUIRE, names, owner, Long.toString(ttlMillis + GRAIN_MILLIS))
                .handle((answer, failure) -> {
                    try {
                        return answered(owner, answer, failure);
                    } finally {
                        asking.remove(owner);
                    }
                });
    }

    private LockAnswer answered(String owner, List<Object> answer, Throwable failure) {
        if (failure == null) {
            return LockAnswer.parse(answer);
        }
        RequestFailure cause = RequestFailure.from(failure);
        if (cause.effect() == RequestFailure.Effect.UNKNOWN) {
            remember(owner);
        }
        throw cause;
    }

    /** For as long as the request can be on its way. */
    private void remember(String owner) {
        if (unsettled.add(owner)) {
            loop.schedule(TimeUnit.MILLISECONDS.toNanos(ABANDONED_MILLIS), () -> unsettled.remove(owner));
        }
    }

    /** Whether something may yet come of a request of this owner, or have come of it unnoticed. */
    boolean isUnsettled(String owner) {
        return unsettled.contains(owner);
    }

    /** Puts the end of a lock off, once. */
    CompletableFuture<Boolean> renew(String key, String owner, long ttlMillis) {
        return connection
                .<Long>run(Script.RENEW, new String[] {keys.lock(key)}, owner, Long.toString(ttlMillis + GRAIN_MILLIS))
                .thenApply(answer -> answer == 1);
    }

    /** Whether anybody has a lock. */
    CompletableFuture<Boolean> isLocked(String key) {
        return connection.send(commands -> commands.exists(keys.lock(key))).thenApply(count -> count > 0);
    }

    /**
     * Releases a lock, and tries on until that is known to have happened.
     *
     * @param untilNanos when its TTL is over for certain, and there is nothing more to do
     * @return whether it was held until now; fails when it is not known in the end
     */
    CompletableFuture<Boolean> release(String key, String owner, long untilNanos) {
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        release(key, owner, untilNanos, FIRST_PAUSE_MILLIS, released);
        return released;
    }

    private void release(
            String key, String owner, long untilNanos, long pauseMillis, CompletableFuture<Boolean> released) {
        boolean late = asking.contains(owner) || unsettled.contains(owner);
        releaseOnce(key, owner, late).whenComplete((answer, failure) -> {
            if (failure == null) {
                if (late) {
                    unsettled.remove(owner);
                }
                released.complete(answer);
                return;
            }
            RequestFailure cause = RequestFailure.from(failure);
            boolean over = loop.nanoTime() - untilNanos > 0;
            if (!cause.isPassing() || over || closed) {
                unsettled.remove(owner);
                LOG.warn("lock '{}' could not be released: {}; it ends by its TTL", key, cause.getMessage());
                released.completeExceptionally(cause);
                return;
            }
            long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
            long nextPause = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
            loop.schedule(
                    TimeUnit.MILLISECONDS.toNanos(pause), () -> release(key, owner, untilNanos, nextPause, released));
        });
    }

    private CompletableFuture<Boolean> releaseOnce(String key, String owner, boolean late) {
        CompletableFuture<Long> answer = late
                ? connection.run(
                        Script.ABANDON,
                        new String[] {keys.lock(key), keys.abandoned(owner)},
                        owner,
                        keys.released(key),
                        Long.toString(ABANDONED_MILLIS))
                : connection.run(Script.RELEASE, new String[] {keys.lock(key)}, owner, keys.released(key));
        return answer.thenApply(count -> count == 1);
    }

    @Override
    public void close() {
        closed = true;
        connection.close();
    }
}
