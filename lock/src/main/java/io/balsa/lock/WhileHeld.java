package io.balsa.lock;

import io.balsa.statemachine.session.Registration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Runs actions that must not go on without their lock: when it is lost, the action is interrupted or cancelled, and its result
 * says so. The lock is not released at the end; close its lease.
 */
public final class WhileHeld {
    private WhileHeld() {}

    /**
     * Runs an action on the calling thread, which is interrupted when the lock is lost. An action that takes no notice of
     * interrupts runs to its end; its result says all the same that the lock was lost.
     *
     * @return how it ended; an interrupt by the loss of the lock is over then
     */
    public static <T> HeldRun<T> runWhileHeld(LockLease lease, Callable<T> action) {
        if (!lease.isValid()) {
            return new HeldRun.Lost<>(lease.key(), false, Optional.empty(), Optional.empty());
        }
        Interrupter interrupter = new Interrupter(Thread.currentThread());
        T value = null;
        Throwable failure = null;
        try (Registration registration = lease.onLost(interrupter::interrupt)) {
            Objects.requireNonNull(registration);
            value = action.call();
        } catch (Exception e) {
            failure = e;
        } finally {
            interrupter.end();
        }
        return result(lease, interrupter.hasInterrupted(), value, failure);
    }

    private static <T> HeldRun<T> result(LockLease lease, boolean interrupted, T value, Throwable failure) {
        if (interrupted || !lease.isValid()) {
            return new HeldRun.Lost<>(lease.key(), true, Optional.ofNullable(value), Optional.ofNullable(failure));
        }
        return failure == null ? new HeldRun.Completed<>(value) : new HeldRun.Failed<>(failure);
    }

    /**
     * Starts an action, whose future is cancelled when the lock is lost.
     *
     * @param action called at once, on the calling thread
     * @return completed normally in any case: when the action ends or the lock is lost, whichever comes first. Cancelling it
     *     does not stop the action
     */
    // The copies that a continuation returns are of no use here.
    @SuppressWarnings("FutureReturnValueIgnored")
    public static <T> CompletableFuture<HeldRun<T>> runWhileHeldAsync(
            LockLease lease, Supplier<? extends CompletionStage<T>> action) {
        if (!lease.isValid()) {
            return CompletableFuture.completedFuture(
                    new HeldRun.Lost<>(lease.key(), false, Optional.empty(), Optional.empty()));
        }
        CompletableFuture<HeldRun<T>> ended = new CompletableFuture<>();
        CompletableFuture<T> running;
        try {
            running = action.get().toCompletableFuture();
        } catch (RuntimeException e) {
            running = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<T> future = running;
        Registration registration = lease.onLost(() -> {
            future.cancel(true);
            ended.complete(new HeldRun.Lost<>(lease.key(), true, Optional.empty(), Optional.empty()));
        });
        future.whenComplete((value, failure) -> {
            registration.close();
            ended.complete(result(lease, false, value, failure == null ? null : Futures.unwrap(failure)));
        });
        return ended;
    }

    /** Interrupts a thread once, unless what it did is over. */
    private static final class Interrupter {
        private final Thread thread;
        private boolean ended;
        private boolean interrupted;

        Interrupter(Thread thread) {
            this.thread = thread;
        }

        synchronized void interrupt() {
            if (!ended) {
                interrupted = true;
                thread.interrupt();
            }
        }

        /** On the thread itself: from here on nothing interrupts it, and an interrupt that it did not notice is over. */
        synchronized void end() {
            ended = true;
            if (interrupted) {
                Thread.interrupted();
            }
        }

        synchronized boolean hasInterrupted() {
            return interrupted;
        }
    }
}
