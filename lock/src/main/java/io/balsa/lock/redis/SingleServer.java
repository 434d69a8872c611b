package io.balsa.lock.redis;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** One server, with or without replicas, whose releases are heard of. */
final class SingleServer implements Servers {
    /** Waiters of several processes that wait for the same end of a TTL ask within so much. */
    private static final long JITTER_MILLIS = 20;

    private final LockServer server;
    private final ReleaseChannels channels;
    private final Loop loop;
    private final long pollNanos;

    SingleServer(RedisClient client, RedisURI uri, RedisLockOptions options, Loop loop, User user) {
        this.server = new LockServer(client, uri, options, loop);
        this.channels = new ReleaseChannels(client, uri, options, loop, user::mayBeFree);
        this.loop = loop;
        this.pollNanos = options.pollInterval().toNanos();
    }

    @Override
    public String name() {
        return server.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.FENCING, Capability.SERVER_TTL);
    }

    /** With the same owner each time, so that the server knows again what it granted without our hearing of it. */
    @Override
    public CompletableFuture<Attempt> acquire(Acquisition acquisition) {
        long sentNanos = loop.nanoTime();
        String key = acquisition.key();
        return server.acquire(key, acquisition.owner(), Ttl.millis(key, acquisition.ttl()))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        return new Attempt.Failed(RequestFailure.from(failure));
                    }
                    return switch (answer.kind()) {
                        case GRANTED ->
                            new Attempt.Granted(new Holding(
                                    key, acquisition.owner(), answer.number(), acquisition.ttl(), sentNanos));
                        case HELD -> new Attempt.Busy(untilFree(answer.number()));
                        // Then nobody waits for it any more.
                        case ABANDONED -> new Attempt.Busy(pollNanos);
                    };
                });
    }

    /** @param restMillis of the TTL; negative without one */
    private long untilFree(long restMillis) {
        if (restMillis < 0) {
            return pollNanos;
        }
        long jitterNanos = ThreadLocalRandom.current().nextLong(TimeUnit.MILLISECONDS.toNanos(JITTER_MILLIS));
        return Math.min(pollNanos, TimeUnit.MILLISECONDS.toNanos(restMillis + 1)) + jitterNanos;
    }

    @Override
    public CompletableFuture<?> abandon(Acquisition acquisition) {
        if (!server.isUnsettled(acquisition.owner())) {
            return CompletableFuture.completedFuture(null);
        }
        long untilNanos = loop.nanoTime() + acquisition.ttl().toNanos();
        return server.release(acquisition.key(), acquisition.owner(), untilNanos);
    }

    @Override
    public CompletableFuture<Boolean> renew(Holding holding, long ttlMillis) {
        return server.renew(holding.key(), holding.id(), ttlMillis);
    }

    @Override
    public CompletableFuture<Boolean> release(Holding holding) {
        return server.release(
                holding.key(), holding.id(), loop.nanoTime() + holding.ttl().toNanos());
    }

    @Override
    public CompletableFuture<Boolean> isLocked(String key) {
        return server.isLocked(key);
    }

    @Override
    public void listen(String key) {
        channels.listen(key);
    }

    @Override
    public void ignore(String key) {
        channels.ignore(key);
    }

    @Override
    public void close() {
        channels.close();
        server.close();
    }
}
