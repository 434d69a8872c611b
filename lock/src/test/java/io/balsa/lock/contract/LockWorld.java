package io.balsa.lock.contract;

import io.balsa.lock.DistributedLock;
import io.balsa.lock.LockOptions;
import java.time.Duration;

/** A lock service with its servers, as {@link DistributedLockContract} tries it. */
public interface LockWorld extends AutoCloseable {
    /** Locks of a client of its own, with connections of its own, as in another process. Whoever opens them closes them. */
    DistributedLock open(LockOptions options);

    /** Cuts a client off from all servers: its connections end, and new ones are refused. */
    void cut(DistributedLock client);

    /** Lets a client that was cut off reach the servers again. */
    void restore(DistributedLock client);

    /** Stops all servers without a word to their clients. */
    void killServers();

    /** Starts the servers again, with what they had on disk, where their clients look for them; returns when they serve. */
    void startServers();

    /** The shortest TTL that a test should use. */
    Duration ttl();

    @Override
    void close();
}
