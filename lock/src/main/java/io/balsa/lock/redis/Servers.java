package io.balsa.lock.redis;

import io.balsa.lock.Capability;
import io.balsa.lock.backend.Holding;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The servers that locks are at, one or a quorum of several: single requests, which are not repeated, unless something must be
 * taken back. Thread-safe; futures may complete on threads of the network.
 */
interface Servers extends AutoCloseable {
    /** Who works with them. */
    interface User {
        /** A lock may be free. Called on the {@link Loop}'s thread. */
        void mayBeFree(String key);

        /** Something is being taken back, and would be left behind if it were broken off. */
        void isUnderWay(CompletableFuture<?> work);
    }

    /** For messages. */
    String name();

    Set<Capability> capabilities();

    /** Makes one attempt. The future never fails. */
    CompletableFuture<Attempt> acquire(Acquisition acquisition);

    /**
     * It ended without the lock: undoes what may have come of its attempts, also later.
     *
     * @return done when that is known; may fail
     */
    CompletableFuture<?> abandon(Acquisition acquisition);

    /**
     * Puts the end of a holding off. Fails by {@link RequestFailure}.
     *
     * @return false when it is over
     */
    CompletableFuture<Boolean> renew(Holding holding, long ttlMillis);

    /**
     * Releases a holding, and tries on until that is known to have happened, or its time is over everywhere.
     *
     * @return whether it was held until now; fails by {@link RequestFailure} when it is not known in the end
     */
    CompletableFuture<Boolean> release(Holding holding);

    /** Whether anybody holds a lock. Fails by {@link RequestFailure}. */
    CompletableFuture<Boolean> isLocked(String key);

    /** Somebody waits for a lock: it is told when it may be free. Called on the {@link Loop}'s thread, for each attempt. */
    void listen(String key);

    /** Nobody waits for a lock any more. Called on the {@link Loop}'s thread. */
    void ignore(String key);

    @Override
    void close();
}
