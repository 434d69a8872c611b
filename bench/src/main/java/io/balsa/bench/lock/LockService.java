package io.balsa.bench.lock;

import io.balsa.lock.DistributedLock;
import java.io.IOException;

/** Servers that keep locks, each a process of its own on this machine, reached over TCP. Not thread-safe. */
interface LockService extends AutoCloseable {
    /** How many servers there are, what is on disk when a request is answered, and whom clients speak to: in words. */
    String durability();

    /**
     * Opens a client with connections of its own; whoever opens it closes it, before the service.
     *
     * @param outstanding how many of its requests are to be under way at once at most
     */
    DistributedLock open(int outstanding) throws IOException;

    /** Ends the servers. */
    @Override
    void close() throws IOException;
}
