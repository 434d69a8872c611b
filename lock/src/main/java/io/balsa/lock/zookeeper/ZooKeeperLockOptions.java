package io.balsa.lock.zookeeper;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.ACL;

/**
 * How locks are kept in ZooKeeper. Immutable.
 *
 * @param root the node under which each lock has a node of its own, below the client's namespace if it has one. Processes
 *     that share locks name the same
 * @param requestTimeout how long a request is repeated while the servers do not answer, before it fails
 * @param sessionTimeout after which the servers take the locks of a process that they do not hear of any more. Asked for by
 *     {@link ZooKeeperLock#connect}; a client of one's own has asked for it already. The servers may grant another: by default
 *     nothing below 2 or above 20 of their ticks
 * @param owner who this process is, for those who ask who holds a lock; at most 1,000 characters
 * @param acl who may do what with the nodes of the locks. The client's own provider of these is not asked
 */
public record ZooKeeperLockOptions(
        String root, Duration requestTimeout, Duration sessionTimeout, String owner, List<ACL> acl) {
    private static final int OWNER_LIMIT = 1_000;

    public ZooKeeperLockOptions {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(owner, "owner");
        acl = List.copyOf(acl);
        PathUtils.validatePath(root);
        if (root.equals("/") || root.equals("/zookeeper") || root.startsWith("/zookeeper/")) {
            throw new IllegalArgumentException(
                    "the root of the locks is " + root + ", which is ZooKeeper's own; name one like /balsa/locks");
        }
        requirePositive(requestTimeout, "request timeout");
        requirePositive(sessionTimeout, "session timeout");
        if (owner.isEmpty() || owner.length() > OWNER_LIMIT) {
            throw new IllegalArgumentException("the owner's name has " + owner.length()
                    + " characters; it must have some, and at most " + OWNER_LIMIT);
        }
        if (acl.isEmpty()) {
            throw new IllegalArgumentException(
                    "the access control list is empty, so nobody could delete a lock's nodes;"
                            + " name who may, or use ZooDefs.Ids.OPEN_ACL_UNSAFE");
        }
    }

    private static void requirePositive(Duration duration, String what) {
        if (duration.toMillis() <= 0 || duration.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the " + what + " is " + duration + "; it must be from 1 ms to " + Integer.MAX_VALUE + " ms");
        }
    }

    /** Under {@code /balsa/locks}, 10 s for a request, sessions of 30 s, owned by {@code pid@host}, open to everybody. */
    public static ZooKeeperLockOptions defaults() {
        return new ZooKeeperLockOptions(
                "/balsa/locks",
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                ManagementFactory.getRuntimeMXBean().getName(),
                ZooDefs.Ids.OPEN_ACL_UNSAFE);
    }

    /** The same under another root. */
    public ZooKeeperLockOptions withRoot(String newRoot) {
        return new ZooKeeperLockOptions(newRoot, requestTimeout, sessionTimeout, owner, acl);
    }

    /** The same with another time for a request. */
    public ZooKeeperLockOptions withRequestTimeout(Duration newRequestTimeout) {
        return new ZooKeeperLockOptions(root, newRequestTimeout, sessionTimeout, owner, acl);
    }

    /** The same with sessions of another length. */
    public ZooKeeperLockOptions withSessionTimeout(Duration newSessionTimeout) {
        return new ZooKeeperLockOptions(root, requestTimeout, newSessionTimeout, owner, acl);
    }

    /** The same for another owner. */
    public ZooKeeperLockOptions withOwner(String newOwner) {
        return new ZooKeeperLockOptions(root, requestTimeout, sessionTimeout, newOwner, acl);
    }

    /** The same with nodes that others may use. */
    public ZooKeeperLockOptions withAcl(List<ACL> newAcl) {
        return new ZooKeeperLockOptions(root, requestTimeout, sessionTimeout, owner, newAcl);
    }
}
