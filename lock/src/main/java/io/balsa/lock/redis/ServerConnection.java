package io.balsa.lock.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Requests to one server, over one connection. Each request is answered, or fails by a
 * {@link RequestFailure} that says what may have become of it, within the request timeout.
 *
 * <p>The client opens a broken connection anew by itself, and sends again what was not answered. But it does not notice when a
 * connection is dead that nobody has ended; so one on which nothing is heard for the request timeout is given up here.
 *
 * <p>Thread-safe. Futures complete on threads of the network: what follows must not block.
 */
// What a continuation fails with reaches the future that it completes.
@SuppressWarnings("FutureReturnValueIgnored")
final class ServerConnection implements AutoCloseable {
    private static final long CONNECT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSE_SECONDS = 2;

    private final RedisClient client;
    private final RedisURI uri;
    private final String name;
    private final Loop loop;
    private final long timeoutNanos;

    private CompletableFuture<StatefulRedisConnection<String, String>> connection;
    private RequestFailure connectFailure;
    private long connectAgainNanos;
    private boolean closed;
    private volatile long heardNanos;

    ServerConnection(RedisClient client, RedisURI uri, Loop loop, Duration requestTimeout) {
        this.client = client;
        this.uri = uri;
        this.name = "redis at " + nameOf(uri);
        this.loop = loop;
        this.timeoutNanos = requestTimeout.toNanos();
        // The first request has no time to lose, and whoever makes these locks none to wait.
        loop.execute(this::connection);
    }

    /** Without user and password. */
    static String nameOf(RedisURI uri) {
        if (uri.getSocket() != null) {
            return uri.getSocket();
        }
        if (!uri.getSentinels().isEmpty()) {
            return "the master '" + uri.getSentinelMasterId() + "'";
        }
        return uri.getHost() + ":" + uri.getPort() + (uri.getDatabase() == 0 ? "" : "/" + uri.getDatabase());
    }

    /** For messages. */
    String name() {
        return name;
    }

    /** Runs a script, which is sent in full only when the server does not know it. */
    <T> CompletableFuture<T> run(Script script, String[] keys, String... arguments) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        this.<T>send(commands -> commands.evalsha(script.digest(), script.output(), keys, arguments))
                .whenComplete((value, failure) -> {
                    if (failure != null && failure.getCause() instanceof RedisNoScriptException) {
                        this.<T>send(commands -> commands.eval(script.source(), script.output(), keys, arguments))
                                .whenComplete((second, again) -> complete(answer, second, again));
                    } else {
                        complete(answer, value, failure);
                    }
                });
        return answer;
    }

    private static <T> void complete(CompletableFuture<T> future, T value, Throwable failure) {
        if (failure == null) {
            future.complete(value);
        } else {
            future.completeExceptionally(failure);
        }
    }

    /** Sends one request. */
    <T> CompletableFuture<T> send(Function<RedisAsyncCommands<String, String>, RedisFuture<T>> request) {
        Flight<T> flight = new Flight<>();
        Runnable cancelTimeout = loop.schedule(timeoutNanos, flight::timeOut);
        flight.answer.whenComplete((value, failure) -> cancelTimeout.run());
        connection().whenComplete((open, failure) -> {
            if (failure != null) {
                flight.answer.completeExceptionally(RequestFailure.from(failure));
            } else {
                flight.send(open, request);
            }
        });
        return flight.answer;
    }

    /** One request and what became of it. */
    private final class Flight<T> {
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private StatefulRedisConnection<String, String> sentOver;
        private RedisFuture<T> sent;
        private long sentNanos;
        private boolean timedOut;

        void send(
                StatefulRedisConnection<String, String> open,
                Function<RedisAsyncCommands<String, String>, RedisFuture<T>> request) {
            RedisFuture<T> begun;
            synchronized (this) {
                if (timedOut) {
                    return;
                }
                sentOver = open;
                sentNanos = loop.nanoTime();
                try {
                    sent = request.apply(open.async());
                } catch (RedisException e) {
                    answer.completeExceptionally(RequestFailure.notSent(name, e.getMessage(), e));
                    return;
                }
                begun = sent;
            }
            begun.whenComplete(this::answered);
        }

        private void answered(T value, Throwable failure) {
            if (failure == null) {
                heardNanos = loop.nanoTime();
                answer.complete(value);
            } else if (failure instanceof RedisCommandExecutionException error) {
                heardNanos = loop.nanoTime();
                answer.completeExceptionally(RequestFailure.refused(name, error));
            } else if (failure instanceof CancellationException) {
                answer.completeExceptionally(RequestFailure.unanswered(name, "the connection was closed", failure));
            } else if (isRejection(failure)) {
                answer.completeExceptionally(RequestFailure.notSent(name, failure.getMessage(), failure));
            } else {
                answer.completeExceptionally(RequestFailure.unanswered(name, failure.getMessage(), failure));
            }
        }

        /** The client says so of what it never wrote; it has no exception of its own for that. */
        private boolean isRejection(Throwable failure) {
            return failure.getClass() == RedisException.class
                    && failure.getMessage() != null
                    && failure.getMessage().startsWith("Currently not connected");
        }

        void timeOut() {
            Duration timeout = Duration.ofNanos(timeoutNanos);
            RequestFailure failure;
            synchronized (this) {
                timedOut = true;
                failure = sent == null
                        ? RequestFailure.notSent(name, "no connection within " + timeout, null)
                        : RequestFailure.unanswered(name, "nothing within " + timeout, null);
            }
            if (!answer.completeExceptionally(failure)) {
                return;
            }
            if (sent != null) {
                // So that it is not sent again with the next connection.
                sent.cancel(true);
            }
            if (sentOver == null || heardNanos - sentNanos < 0) {
                giveUp(sentOver);
            }
        }
    }

    private synchronized CompletableFuture<StatefulRedisConnection<String, String>> connection() {
        if (closed) {
            return CompletableFuture.failedFuture(RequestFailure.notSent(name, "these locks are closed", null));
        }
        if (connection != null && !isOver(connection)) {
            return connection;
        }
        if (connectFailure != null && loop.nanoTime() - connectAgainNanos < 0) {
            return CompletableFuture.failedFuture(connectFailure);
        }
        CompletableFuture<StatefulRedisConnection<String, String>> opening = new CompletableFuture<>();
        connection = opening;
        heardNanos = loop.nanoTime();
        connect(opening);
        return opening;
    }

    private void connect(CompletableFuture<StatefulRedisConnection<String, String>> opening) {
        CompletableFuture<StatefulRedisConnection<String, String>> asked;
        try {
            asked = client.connectAsync(StringCodec.UTF8, uri).toCompletableFuture();
        } catch (RuntimeException e) {
            // A client that was shut down fails in more than one way.
            asked = CompletableFuture.failedFuture(e);
        }
        asked.whenComplete((open, failure) -> {
            if (failure != null) {
                opening.completeExceptionally(connectFailed(opening, failure));
            } else if (!opening.complete(open)) {
                // Given up meanwhile.
                open.closeAsync();
            }
        });
    }

    private synchronized RequestFailure connectFailed(CompletableFuture<?> opening, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        connectFailure = RequestFailure.notSent(name, String.valueOf(cause.getMessage()), failure);
        connectAgainNanos = loop.nanoTime() + CONNECT_PAUSE_NANOS;
        if (connection == opening) {
            connection = null;
        }
        return connectFailure;
    }

    /** A client that does not reconnect by itself leaves closed connections behind. */
    private boolean isOver(CompletableFuture<StatefulRedisConnection<String, String>> future) {
        if (!future.isDone()) {
            return false;
        }
        return future.isCompletedExceptionally()
                || (!future.join().isOpen() && !client.getOptions().isAutoReconnect());
    }

    /**
     * Nothing was heard on it for long: the next request opens another.
     *
     * @param silent null for the one that is still being opened
     */
    private void giveUp(StatefulRedisConnection<String, String> silent) {
        CompletableFuture<StatefulRedisConnection<String, String>> given;
        synchronized (this) {
            given = connection;
            if (given == null || given.isCompletedExceptionally() || given.getNow(null) != silent) {
                return;
            }
            connection = null;
        }
        if (!given.completeExceptionally(
                RequestFailure.notSent(name, "it did not accept a connection in time", null))) {
            silent.closeAsync();
        }
    }

    @Override
    public void close() {
        CompletableFuture<StatefulRedisConnection<String, String>> last;
        synchronized (this) {
            closed = true;
            last = connection;
            connection = null;
        }
        if (last != null
                && !last.completeExceptionally(RequestFailure.notSent(name, "these locks are closed", null))
                && !last.isCompletedExceptionally()) {
            last.join()
                    .closeAsync()
                    .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
    }
}
