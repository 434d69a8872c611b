package io.balsa.lock;

import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Waits for futures that complete by themselves within a bound. */
final class Futures {
    private Futures() {}

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw requestFailure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            OutcomeUnknownException interrupted =
                    new OutcomeUnknownException("the calling thread was interrupted before the answer came");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    /** What a future of the session failed with. Anything else than a failed request is a defect, and thrown. */
    static RequestException requestFailure(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RequestException request) {
            return request;
        }
        throw new IllegalStateException(cause);
    }
}
