package io.balsa.lock.zookeeper;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LeasingLock;
import io.balsa.lock.LockOptions;
import java.util.Objects;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.retry.RetryOneTime;

/**
 * Locks of a ZooKeeper ensemble: each is a queue of ephemeral sequential nodes below {@link ZooKeeperLockOptions#root}, and
 * whoever's node is at its head holds the lock.
 *
 * <p>Guaranteed, whichever servers, clients and connections fail: at most one holder at a time, as the ensemble counts; waiters
 * are served in the order of arrival, each watching only the one before it, and one that died or gave up is skipped;
 * {@link io.balsa.lock.LockLease#token}, the transaction that created the holder's node, grows for ever. A lease is not valid
 * any more before the next holder is granted: the process reckons for how long the servers keep its session at least, from
 * answers that took a majority of them. This presumes that clocks run apart by less than one part in a hundred, and that the
 * session timeout is at least two of the servers' ticks, as it is unless they are told otherwise. Available while a majority
 * of the servers is.
 *
 * <p>A connection that is lost and found again within the session timeout costs no lock. When the session ends, all its locks
 * are lost, and waiters fail with {@link io.balsa.statemachine.session.SessionExpiredException}; new locks are acquired in the
 * next session, which the client opens by itself.
 *
 * <p>Not guaranteed: that the servers keep a TTL, since ZooKeeper has none for a lock. The holder's process keeps it, and
 * deletes the node when it is over; so the lock of a process that died, or is cut off, ends with its session, within about the
 * session timeout, and later than its TTL may say. Nor that a holder which was paused notices in time: hand the token to what
 * the lock protects. Nor that tokens go on growing when the ensemble is set up anew, without its data.
 */
public final class ZooKeeperLock {
    private static final int RETRY_MILLIS = 200;

    private ZooKeeperLock() {}

    /** Locks over a client that was started, whose leases run out unless they are renewed. */
    public static DistributedLock on(CuratorFramework client) {
        return on(client, ZooKeeperLockOptions.defaults(), LockOptions.defaults());
    }

    /**
     * Locks over a client that was started, and that its owner closes. Its retry policy is not used.
     *
     * @throws IllegalArgumentException if the client was not started, or was closed
     */
    public static DistributedLock on(CuratorFramework client, ZooKeeperLockOptions zooKeeper, LockOptions options) {
        Objects.requireNonNull(client, "client");
        if (client.getState() != CuratorFrameworkState.STARTED) {
            throw new IllegalArgumentException(
                    "the Curator client is " + client.getState() + "; call start() before locks are opened on it");
        }
        return LeasingLock.over(new ZooKeeperBackend(client, false, zooKeeper, new BackendThreads()), options);
    }

    /** Locks over a client of their own, whose leases run out unless they are renewed. */
    public static DistributedLock connect(String servers) {
        return connect(servers, ZooKeeperLockOptions.defaults(), LockOptions.defaults());
    }

    /**
     * Locks over a client of their own, which is closed with them. Does not wait until it is connected: requests do.
     *
     * @param servers as in {@code host1:2181,host2:2181,host3:2181}
     */
    public static DistributedLock connect(String servers, ZooKeeperLockOptions zooKeeper, LockOptions options) {
        Objects.requireNonNull(servers, "servers");
        if (servers.isBlank()) {
            throw new IllegalArgumentException(
                    "no server of ZooKeeper is named; name them as in host1:2181,host2:2181,host3:2181");
        }
        int sessionMillis = Math.toIntExact(zooKeeper.sessionTimeout().toMillis());
        int requestMillis = Math.toIntExact(zooKeeper.requestTimeout().toMillis());
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(servers)
                .sessionTimeoutMs(sessionMillis)
                .connectionTimeoutMs(Math.min(requestMillis, sessionMillis))
                .retryPolicy(new RetryOneTime(RETRY_MILLIS))
                // Only the servers that were named: what they call each other may not be reachable from here.
                .ensembleTracker(false)
                .build();
        client.start();
        return LeasingLock.over(new ZooKeeperBackend(client, true, zooKeeper, new BackendThreads()), options);
    }
}
