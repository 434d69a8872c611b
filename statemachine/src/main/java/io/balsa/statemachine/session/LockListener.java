package io.balsa.statemachine.session;

import io.balsa.raft.client.RequestException;

/** Hears who holds a lock, on a thread of its own watch that may block. */
public interface LockListener {
    /**
     * The lock has these holders: told first of all, and whenever they are others than those that were told last. It is the
     * present state that is told, not each change: who held the lock only for a moment may be missed. Who waits is not told.
     */
    void onHolders(LockInfo lock);

    /**
     * The watch can't go on. Nothing is told after it. Not called when the watch is closed.
     *
     * @param cause the session ended ({@link SessionExpiredException}), the cluster refused the request
     *     ({@link InvalidRequestException}), or a method of this listener threw what is the cause of this
     */
    default void onEnd(RequestException cause) {}
}
