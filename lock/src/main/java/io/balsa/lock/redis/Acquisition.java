package io.balsa.lock.redis;

import io.balsa.lock.backend.Holding;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One call that wants a lock. What becomes of it is decided once: it gets the lock, or it doesn't, or whoever called gives up.
 * Thread-safe.
 */
final class Acquisition {
    private final String key;
    private final Duration ttl;
    private final long waitUntilNanos;
    private final long failAtNanos;
    private final CompletableFuture<Optional<Holding>> future = new CompletableFuture<>();
    private String owner;
    private boolean decided;
    private RequestFailure failure;

    /**
     * @param owner to be asked with, shared with no other
     * @param waitUntilNanos from then on, "held by another" is the answer
     * @param failAtNanos from then on, a failure is the answer; not before the other
     */
    Acquisition(String key, String owner, Duration ttl, long waitUntilNanos, long failAtNanos) {
        this.key = key;
        this.owner = owner;
        this.ttl = ttl;
        this.waitUntilNanos = waitUntilNanos;
        this.failAtNanos = failAtNanos;
    }

    String key() {
        return key;
    }

    synchronized String owner() {
        return owner;
    }

    /** What the present owner was granted is being given back, maybe more than once: it must not meet a later grant. */
    synchronized void askAs(String newOwner) {
        owner = newOwner;
    }

    Duration ttl() {
        return ttl;
    }

    long waitUntilNanos() {
        return waitUntilNanos;
    }

    long failAtNanos() {
        return failAtNanos;
    }

    /** What the caller has. */
    CompletableFuture<Optional<Holding>> future() {
        return future;
    }

    /**
     * Decides what becomes of it.
     *
     * @return whether that was open until now
     */
    synchronized boolean decide() {
        boolean open = !decided;
        decided = true;
        return open;
    }

    /** An attempt failed. */
    synchronized void failed(RequestFailure newFailure) {
        failure = newFailure.after(failure);
    }

    /** What all attempts that failed amount to; null if none did. */
    synchronized RequestFailure failure() {
        return failure;
    }

    synchronized boolean isDecided() {
        return decided;
    }
}
