package io.balsa.lock;

import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * What became of an action that was to run while a lock is held ({@link WhileHeld}).
 *
 * @param <T> what the action gives
 */
public sealed interface HeldRun<T> {
    /**
     * It ended, and the lock was still held then.
     *
     * @param value what it gave; may be null
     */
    record Completed<T>(T value) implements HeldRun<T> {}

    /**
     * It failed, and the lock was still held then.
     *
     * @param failure with what
     */
    record Failed<T>(Throwable failure) implements HeldRun<T> {}

    /**
     * The lock was lost before it ended.
     *
     * @param key the lock
     * @param started whether it was started at all
     * @param value what it gave all the same, having ended in spite of the interrupt
     * @param failure with what it failed, if so; usually that it was interrupted or cancelled
     */
    record Lost<T>(String key, boolean started, Optional<T> value, Optional<Throwable> failure) implements HeldRun<T> {}

    /** Whether the lock was held to the end, however the action ended. */
    default boolean isHeldToTheEnd() {
        return !(this instanceof Lost);
    }

    /**
     * What the action gave.
     *
     * @throws LockLostException if the lock was lost before it ended
     * @throws CompletionException if the action failed, with its failure as the cause
     */
    default T orElseThrow() {
        if (this instanceof Completed<T> completed) {
            return completed.value();
        }
        if (this instanceof Failed<T> failed) {
            throw new CompletionException(failed.failure());
        }
        Lost<T> lost = (Lost<T>) this;
        LockLostException exception = new LockLostException(lost.key());
        lost.failure().ifPresent(exception::addSuppressed);
        throw exception;
    }
}
