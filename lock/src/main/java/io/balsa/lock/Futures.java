package io.balsa.lock;

import io.balsa.raft.client.NotAppliedException;
import io.balsa.raft.client.OutcomeUnknownException;
import io.balsa.raft.client.RequestException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Waits for futures that complete by themselves within a bound. */
final class Futures {
    private Futures() {}

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw rethrown(e);
        } catch (InterruptedException e) {
            throw interrupted(
                    e, new OutcomeUnknownException("the calling thread was interrupted before the answer came"));
        }
    }

    /** Like {@link #join}; an interrupt gives it up, so that it has no effect. */
    static <T> T joinOrCancel(CompletableFuture<T> future, String what) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw rethrown(e);
        } catch (InterruptedException e) {
            if (future.cancel(false)) {
                throw interrupted(
                        e, new NotAppliedException(what + " was given up: the calling thread was interrupted"));
            }
            // The answer came just now, and with it what only the caller can give back.
            Thread.currentThread().interrupt();
            return join(future);
        }
    }

    /**
     * A copy for an application, whose code follows it on another thread: where it may block, and holds up neither renewals nor
     * the answer that it waits for there.
     */
    // What follows is the application's.
    @SuppressWarnings("FutureReturnValueIgnored")
    static <T> CompletableFuture<T> handOver(CompletableFuture<T> answer, Executor callers) {
        CompletableFuture<T> handed = new CompletableFuture<>();
        answer.whenComplete((value, failure) -> callers.execute(() -> {
            if (failure == null) {
                handed.complete(value);
            } else {
                handed.completeExceptionally(unwrap(failure));
            }
        }));
        return handed;
    }

    /** Lets a future become what an operation that is begun here comes to, also if that cannot even be begun. */
    // The target says what becomes of it.
    @SuppressWarnings("FutureReturnValueIgnored")
    static <T> void pass(Supplier<CompletableFuture<T>> operation, CompletableFuture<T> target) {
        CompletableFuture<T> begun;
        try {
            begun = operation.get();
        } catch (RuntimeException failure) {
            target.completeExceptionally(failure);
            return;
        }
        begun.whenComplete((value, failure) -> {
            if (failure == null) {
                target.complete(value);
            } else {
                target.completeExceptionally(unwrap(failure));
            }
        });
    }

    /** Like {@link #join}, whoever interrupts: for what must be over before its caller goes on. */
    static <T> T joinInAnyCase(CompletableFuture<T> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (ExecutionException e) {
                    throw rethrown(e);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RequestException interrupted(InterruptedException cause, RequestException failure) {
        Thread.currentThread().interrupt();
        failure.initCause(cause);
        return failure;
    }

    /** What a future of this module failed with, to be thrown to a caller who waited for it. */
    private static RuntimeException rethrown(ExecutionException failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof LockLostException || cause instanceof IllegalArgumentException) {
            return (RuntimeException) cause;
        }
        return requestFailure(cause);
    }

    /** What a backend's future failed with. Anything else than a failed request is a defect, and thrown. */
    static RequestException requestFailure(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof RequestException request) {
            return request;
        }
        throw new IllegalStateException(cause);
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
