package io.balsa.lock;

import io.balsa.statemachine.session.Registration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A lock that was acquired, until it is released or lost. Whoever goes on after it is lost works beside the next holder:
 * hand {@link #token()} to whatever the lock protects, and let that refuse an older one.
 *
 * <p>Thread-safe.
 */
public interface LockLease extends AutoCloseable {
    /** The key of the lock. */
    String key();

    /**
     * The fencing token, larger than that of every earlier holder.
     *
     * @throws UnsupportedCapabilityException without {@link Capability#FENCING}
     */
    long token();

    /** Names this holding as text, in the words of its backend; with the native one, another process can release it by that. */
    String id();

    /** Whether the lock is still held, as far as this process can know without asking: never longer than the cluster says. */
    boolean isValid();

    /** How long the lock is held for certain; zero when released or lost. */
    Duration remaining();

    /**
     * How long ago the last request was sent by which it was granted or renewed: with automatic renewal rarely more than a third
     * of its TTL, and growing when renewals do not get through.
     */
    Duration renewed();

    /**
     * Puts its end off.
     *
     * @param ttl from now on, also for later automatic renewals; a shorter one does not bring the present end nearer
     * @return false when it is lost or released
     */
    boolean renew(Duration ttl);

    /** Like {@link #renew}. */
    CompletableFuture<Boolean> renewAsync(Duration ttl);

    /**
     * Calls back once when the lock is lost: it ran out, the cluster gave it to another, or the session ended. At once if
     * that has happened already; never after a release. On a thread of the lock's, shared with other leases: keep it short.
     *
     * @return takes the listener away; need not be kept
     */
    Registration onLost(Runnable listener);

    /**
     * Releases the lock.
     *
     * @return false when it had been lost or released before
     */
    boolean release();

    /** Like {@link #release}. */
    CompletableFuture<Boolean> releaseAsync();

    /**
     * Releases the lock if it is still held. Throws nothing when the cluster does not answer: the lock runs out by itself
     * then.
     */
    @Override
    void close();
}
