package io.balsa.lock.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The requests of one session of ZooKeeper, and of no later one. None waits, and none is repeated; each future fails with
 * {@link org.apache.zookeeper.KeeperException}. They are answered in the order in which they were made, on a thread of the
 * client, on which nothing may block. Thread-safe.
 */
interface Requests {
    /**
     * A node that exists.
     *
     * @param path where
     * @param zxid of the transaction that created it
     * @param data what it says
     */
    record Node(String path, long zxid, byte[] data) {}

    /** Whether the session may still be there: false once its end is known. */
    boolean isAlive();

    /** The time-out that the servers grant to the session; zero before it is connected. */
    long timeoutNanos();

    /** Creates an ephemeral node, whose name the servers complete by a number larger than those before. */
    CompletableFuture<Node> createInQueue(String prefix, byte[] data);

    /** Creates a node that the servers delete when it has had nodes below it and has none any more; or finds it there. */
    CompletableFuture<Void> createContainer(String path);

    /** Creates a node that stays; or finds it there. */
    CompletableFuture<Void> createPersistent(String path);

    CompletableFuture<Void> delete(String path);

    /** The names of the nodes below one, as far as the server that answers knows. */
    CompletableFuture<List<String>> children(String path);

    /** A node, as far as the server that answers knows; empty when there is none. */
    CompletableFuture<Optional<Node>> read(String path);

    /**
     * Like {@link #read}; calls back once when the node that was found changes or is deleted, or the client can't tell any
     * more.
     */
    CompletableFuture<Optional<Node>> watch(String path, Runnable changed);

    /** Calls back no more. */
    void unwatch(String path, Runnable changed);

    /** The server knows by now what had happened before. */
    CompletableFuture<Void> sync(String path);

    /** Has a majority of the servers confirm the session, by a transaction that changes nothing. The node has to exist. */
    CompletableFuture<Void> confirm(String path);
}
