package io.balsa.lock;

import io.balsa.statemachine.session.LockRequest;
import io.balsa.statemachine.session.Session;

/**
 * Read-write locks of a Balsa cluster: a key is held by any number of readers, or by one writer. Strictly first come, first
 * served: no reader overtakes a writer that waits.
 *
 * <p>What {@link NativeLock} guarantees holds here too; {@link NativeLock} is the writers' side of the same locks. A reader
 * that wants to write releases first: it would wait for itself. The token of a writer is larger than that of every earlier
 * holder; readers that were let in together may have the same.
 *
 * <p>Thread-safe. Closing it releases what is held through it, and leaves the session open.
 */
public final class NativeReadWriteLock implements AutoCloseable {
    private final DistributedLock readLock;
    private final DistributedLock writeLock;

    private NativeReadWriteLock(Session session, LockOptions options) {
        readLock = LeasingLock.over(new NativeBackend(session, false, LockRequest::shared), options);
        writeLock = NativeLock.on(session, options);
    }

    /** Locks over a session, whose leases run out unless they are renewed. */
    public static NativeReadWriteLock on(Session session) {
        return on(session, LockOptions.defaults());
    }

    /** Locks over a session. */
    public static NativeReadWriteLock on(Session session, LockOptions options) {
        return new NativeReadWriteLock(session, options);
    }

    /** The readers' side. It may hold one key several times; {@code release(key)} then releases the newest. */
    public DistributedLock readLock() {
        return readLock;
    }

    /** The writers' side. */
    public DistributedLock writeLock() {
        return writeLock;
    }

    @Override
    public void close() {
        readLock.close();
        writeLock.close();
    }
}
