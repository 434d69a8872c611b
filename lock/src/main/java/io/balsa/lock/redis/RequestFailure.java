package io.balsa.lock.redis;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import java.util.List;
import java.util.concurrent.CompletionException;

/** A server gave no answer to a request, or refused it. */
final class RequestFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** How errors begin that end by themselves or by what an operator does, without anything changing at the client. */
    private static final List<String> PASSING = List.of("MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "OOM");

    /** What the request did at the server. */
    enum Effect {
        /** Nothing, now or later. */
        NONE,
        /** All that it should, or nothing, or it will yet. */
        UNKNOWN
    }

    private final Effect effect;
    private final boolean passing;

    private RequestFailure(String message, Throwable cause, Effect effect, boolean passing) {
        super(message, cause);
        this.effect = effect;
        this.passing = passing;
    }

    /** It was not sent. */
    static RequestFailure notSent(String server, String reason, Throwable cause) {
        return new RequestFailure(server + " was not reached: " + reason, cause, Effect.NONE, true);
    }

    /** It was sent and not answered. */
    static RequestFailure unanswered(String server, String reason, Throwable cause) {
        return new RequestFailure(server + " did not answer: " + reason, cause, Effect.UNKNOWN, true);
    }

    /** It was answered by an error. The scripts begin to write only when nothing can go wrong any more. */
    static RequestFailure refused(String server, RedisCommandExecutionException error) {
        String message = String.valueOf(error.getMessage());
        boolean passing = error instanceof RedisLoadingException
                || error instanceof RedisBusyException
                || error instanceof RedisReadOnlyException
                || PASSING.stream().anyMatch(message::startsWith);
        return new RequestFailure(server + " refused: " + message, error, Effect.NONE, passing);
    }

    /** Several servers failed; what is known of all. */
    static RequestFailure of(String message, List<RequestFailure> failures) {
        boolean unknown = failures.stream().anyMatch(failure -> failure.effect == Effect.UNKNOWN);
        boolean passing = failures.stream().anyMatch(failure -> failure.passing);
        return new RequestFailure(message, failures.get(0), unknown ? Effect.UNKNOWN : Effect.NONE, passing);
    }

    /** This failure after others of the same request: it may have had an effect if any of them may. */
    RequestFailure after(RequestFailure earlier) {
        return earlier == null || earlier.effect == Effect.NONE || effect == Effect.UNKNOWN
                ? this
                : new RequestFailure(getMessage(), this, Effect.UNKNOWN, passing);
    }

    Effect effect() {
        return effect;
    }

    /** Whether the same request may succeed in a while. */
    boolean isPassing() {
        return passing;
    }

    /**
     * What the caller is told.
     *
     * @param what could not be done, with the name of the lock
     */
    RequestException toRequestException(String what) {
        String message = what + ": " + getMessage();
        RequestException failure = effect == Effect.NONE
                ? new NotAppliedException(message + "; nothing was changed, it may be tried again")
                : new OutcomeUnknownException(
                        message + "; if it has the lock all the same, it ends by its TTL at the latest");
        failure.initCause(this);
        return failure;
    }

    /** Whatever a request failed with, as this. */
    static RequestFailure from(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RequestFailure request) {
            return request;
        }
        return new RequestFailure("an answer was not understood: " + cause, cause, Effect.UNKNOWN, false);
    }
}
