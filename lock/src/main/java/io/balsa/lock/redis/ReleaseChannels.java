package io.balsa.lock.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of the releases of those locks that somebody here waits for, over a connection of its own.
 *
 * <p>It may miss some while the connection is broken; so what is heard counts as a hint, and so does the begin of hearing.
 * Belongs to the {@link Loop}'s thread.
 */
// A connection that can't be opened is opened by the next look after it.
@SuppressWarnings("FutureReturnValueIgnored")
final class ReleaseChannels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseChannels.class);
    private static final long CLOSE_SECONDS = 2;

    private final RedisClient client;
    private final RedisURI uri;
    private final RedisKeys names;
    private final Loop loop;
    private final long timeoutNanos;
    private final Consumer<String> heard;

    /** Which lock a channel is of. */
    private final Map<String, String> keys = new HashMap<>();

    /** The channels that the server has confirmed. */
    private final Set<String> subscribed = new HashSet<>();

    private volatile CompletableFuture<StatefulRedisPubSubConnection<String, String>> connection;
    private long openedNanos;
    private CompletableFuture<String> asked;
    private long askedNanos;
    private volatile boolean closed;

    /** @param heard told on the loop's thread which lock may be free */
    ReleaseChannels(RedisClient client, RedisURI uri, RedisLockOptions options, Loop loop, Consumer<String> heard) {
        this.client = client;
        this.uri = uri;
        this.names = new RedisKeys(options.keyPrefix());
        this.loop = loop;
        this.timeoutNanos = options.requestTimeout().toNanos();
        this.heard = heard;
    }

    /** Begins to hear of a lock, or makes sure that it does. */
    void listen(String key) {
        String channel = names.released(key);
        keys.put(channel, key);
        StatefulRedisPubSubConnection<String, String> open = open();
        if (open != null) {
            if (!subscribed.contains(channel)) {
                open.async().subscribe(channel);
            }
            checkAlive(open);
        }
    }

    /** Nobody notices a dead connection on which only the other side speaks, unless something is asked. */
    private void checkAlive(StatefulRedisPubSubConnection<String, String> open) {
        if (loop.nanoTime() - askedNanos < timeoutNanos) {
            return;
        }
        if (asked != null && !asked.isDone()) {
            connect();
        } else {
            asked = open.async().ping().toCompletableFuture();
            askedNanos = loop.nanoTime();
        }
    }

    /** Ends to hear of a lock. */
    void ignore(String key) {
        String channel = names.released(key);
        if (keys.remove(channel) == null || connection == null || !isOpen()) {
            return;
        }
        connection.join().async().unsubscribe(channel);
    }

    /** The connection; null while it is being opened. */
    private StatefulRedisPubSubConnection<String, String> open() {
        if (closed) {
            return null;
        }
        if (connection == null || isOver()) {
            connect();
        }
        return isOpen() ? connection.join() : null;
    }

    private boolean isOpen() {
        return connection.isDone() && !connection.isCompletedExceptionally();
    }

    private boolean isOver() {
        if (!connection.isDone()) {
            return loop.nanoTime() - openedNanos > timeoutNanos;
        }
        return connection.isCompletedExceptionally()
                || (!connection.join().isOpen() && !client.getOptions().isAutoReconnect());
    }

    private void connect() {
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> before = connection;
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> opening = new CompletableFuture<>();
        connection = opening;
        openedNanos = loop.nanoTime();
        asked = null;
        askedNanos = openedNanos;
        subscribed.clear();
        if (before != null) {
            discard(before);
        }
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> opened;
        try {
            opened = client.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture();
        } catch (RuntimeException e) {
            // A client that was shut down fails in more than one way.
            opened = CompletableFuture.failedFuture(e);
        }
        opened.whenComplete((open, failure) -> {
            if (failure != null) {
                LOG.debug(
                        "releases of locks can't be heard of at {} yet: {}",
                        ServerConnection.nameOf(uri),
                        failure.getMessage());
                opening.completeExceptionally(failure);
            } else {
                open.addListener(new Hearing());
                if (closed || !opening.complete(open)) {
                    open.closeAsync();
                } else {
                    loop.execute(() -> subscribeAll(open));
                }
            }
        });
    }

    private void subscribeAll(StatefulRedisPubSubConnection<String, String> open) {
        if (!keys.isEmpty()) {
            open.async().subscribe(keys.keySet().toArray(String[]::new));
        }
    }

    private static void discard(CompletableFuture<StatefulRedisPubSubConnection<String, String>> before) {
        if (!before.cancel(false) && !before.isCompletedExceptionally()) {
            before.join().closeAsync();
        }
    }

    private void tell(String channel) {
        String key = keys.get(channel);
        if (key != null) {
            heard.accept(key);
        } else if (isOpen()) {
            // The client has subscribed to it again after a break, in which it was not told that nobody listens any
            // more.
            connection.join().async().unsubscribe(channel);
        }
    }

    /** Called by the client on a thread of the network. */
    private final class Hearing extends RedisPubSubAdapter<String, String> {
        @Override
        public void message(String channel, String message) {
            loop.execute(() -> tell(channel));
        }

        @Override
        public void subscribed(String channel, long count) {
            loop.execute(() -> {
                subscribed.add(channel);
                // A release just before was not heard of.
                tell(channel);
            });
        }

        @Override
        public void unsubscribed(String channel, long count) {
            loop.execute(() -> subscribed.remove(channel));
        }
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> last = connection;
        if (last != null && !last.cancel(false) && !last.isCompletedExceptionally()) {
            last.join()
                    .closeAsync()
                    .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
    }
}
