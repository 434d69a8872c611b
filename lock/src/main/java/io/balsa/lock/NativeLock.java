package io.balsa.lock;

import io.balsa.statemachine.session.Session;

/**
 * Locks of a Balsa cluster, bound to a {@link Session}: they are lost when it ends.
 *
 * <p>Guaranteed, whichever servers, clients and connections fail: at most one holder at a time, as the cluster counts; a
 * lease is not valid any more before the next holder is granted; waiters are served in the order of arrival, and one that died
 * or gave up is skipped; {@link LockLease#token} grows for ever. A failover makes no TTL shorter; it may make one longer, by
 * the time without a leader. Available while a majority of the servers is.
 *
 * <p>Not guaranteed: that a holder which was paused notices in time. Hand the token to what the lock protects.
 *
 * <p>Keep one for each session. Closing the session releases what is held; closing the locks leaves the session open.
 */
public final class NativeLock {
    private NativeLock() {}

    /** Locks over a session, whose leases run out unless they are renewed. */
    public static DistributedLock on(Session session) {
        return on(session, LockOptions.defaults());
    }

    /** Locks over a session. */
    public static DistributedLock on(Session session, LockOptions options) {
        return LeasingLock.over(new NativeBackend(session), options);
    }
}
