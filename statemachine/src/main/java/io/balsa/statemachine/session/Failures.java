package io.balsa.statemachine.session;

import io.balsa.raft.client.MalformedRequestException;
import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Turns what went wrong below into what a caller can act on. */
final class Failures {
    /** The cluster keeps the timeouts; this is only how much later a caller stops to rely on that. */
    private static final long SLACK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private Failures() {}

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** A failed command, told by its name. */
    static RequestException ofCommand(String what, Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof SessionExpiredException || cause instanceof InvalidRequestException) {
            return (RequestException) cause;
        }
        if (cause instanceof MalformedRequestException) {
            return Wire.withCause(new InvalidRequestException(what + " was refused: " + cause.getMessage()), cause);
        }
        if (cause instanceof NotAppliedException) {
            return Wire.withCause(
                    new NotAppliedException(
                            what + " was not applied: " + cause.getMessage() + "; it is safe to try again"),
                    cause);
        }
        return Wire.withCause(
                new OutcomeUnknownException(what + ": nobody can tell whether it was or will be applied: "
                        + reason(cause) + "; read the state to find out"),
                cause);
    }

    /** A failed read, told by its name. It had no effect. */
    static RequestException ofRead(String what, Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof SessionExpiredException || cause instanceof InvalidRequestException) {
            return (RequestException) cause;
        }
        if (cause instanceof MalformedRequestException) {
            return Wire.withCause(new InvalidRequestException(what + " was refused: " + cause.getMessage()), cause);
        }
        return Wire.withCause(
                new NotAppliedException(what + " was not answered: " + reason(cause) + "; try again"), cause);
    }

    /** A request that the state machine refused, told by its name. */
    static RequestException ofRefusal(String what, io.balsa.statemachine.proto.Error error) {
        return switch (error.getCode()) {
            case SESSION_EXPIRED ->
                new SessionExpiredException(what
                        + " was not confirmed: the session has ended at the cluster, and its locks and services with"
                        + " it; if the request had been sent before, it may have been applied then; open a new"
                        + " session");
            case INVALID -> new InvalidRequestException(what + " was refused: " + error.getMessage());
            case LIMIT ->
                new NotAppliedException(
                        what + " was refused: the cluster is at a limit: " + error.getMessage() + "; try again later");
            case OUT_OF_RANGE -> new CounterOverflowException(what + " was refused: " + error.getMessage());
            // The cluster does not remember that it refused, so an earlier copy that is still under way may be
            // executed.
            case TOO_MANY_OUTSTANDING ->
                new OutcomeUnknownException(
                        what + " was refused, but a copy of it may be applied yet: too many results of"
                                + " the session are not acknowledged; read the state to find out");
            case ALREADY_ACKNOWLEDGED, UNSPECIFIED, UNRECOGNIZED ->
                new OutcomeUnknownException(what + ": the cluster does not know its outcome any more ("
                        + error.getMessage() + "); read the state to find out");
        };
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** Waits for a future that completes by itself within a time. */
    static <T> T await(CompletableFuture<T> future, Duration bound, String what) {
        try {
            return future.get(bound.toNanos() + SLACK_NANOS, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw rethrown(e);
        } catch (TimeoutException e) {
            throw Wire.withCause(new OutcomeUnknownException(what + " was not answered in time"), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Wire.withCause(
                    new OutcomeUnknownException(what + ": the calling thread was interrupted before the answer came"),
                    e);
        }
    }

    static RuntimeException rethrown(ExecutionException failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(cause);
    }
}
