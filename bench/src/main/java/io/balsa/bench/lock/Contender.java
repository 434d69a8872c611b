package io.balsa.bench.lock;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockLease;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A client that wants the same lock as others, and keeps count of how often it gets it and how long it waits. Thread-safe. */
final class Contender {
    private static final Duration WAIT = Duration.ofMinutes(5);

    /** Of {@link #waitingSince} when it does not wait. */
    private static final long NOT = 0;

    private final DistributedLock client;
    private final AtomicLong acquisitions = new AtomicLong();
    private final AtomicLong longestWait = new AtomicLong();
    private volatile long waitingSince = NOT;

    Contender(DistributedLock client) {
        this.client = client;
    }

    /** Waits for the lock and releases it at once. One call at a time. */
    void acquireAndRelease(String key, ReplicationGroup.Completion completion) {
        long began = System.nanoTime();
        waitingSince = began == NOT ? began + 1 : began;
        CompletableFuture<?> unused = client.acquireAsync(key, LockSetup.TTL, WAIT)
                .thenCompose(this::granted)
                .whenComplete((released, failure) -> completion.done(
                        failure != null || released
                                ? failure
                                : new IllegalStateException("the lock '" + key + "' was lost before it was released")));
    }

    private CompletableFuture<Boolean> granted(LockLease lease) {
        long waited = System.nanoTime() - waitingSince;
        waitingSince = NOT;
        acquisitions.incrementAndGet();
        longestWait.accumulateAndGet(waited, Math::max);
        return lease.releaseAsync();
    }

    /** Begins to count anew; one that waits goes on waiting. */
    void reset() {
        acquisitions.set(0);
        longestWait.set(0);
    }

    /** How often it got the lock. */
    long acquisitions() {
        return acquisitions.get();
    }

    /** The longest time that it waited for the lock, one that has not ended yet included. */
    long longestWaitNanos() {
        long since = waitingSince;
        long soFar = since == NOT ? 0 : System.nanoTime() - since;
        return Math.max(soFar, longestWait.get());
    }
}
