package io.balsa.statemachine.session;

import io.balsa.raft.client.RequestException;

/** Hears of the registry's changes, in order and without gaps, on a thread of its own watch that may block. */
public interface ServiceListener {
    /**
     * The whole state: first of all, and again when the events since the last one are no longer kept. What is not in the
     * list is gone.
     */
    void onList(ServiceList list);

    /** A change after what was told before. */
    void onEvent(ServiceEvent event);

    /**
     * The watch can't go on. Nothing is told after it. Not called when the watch is closed.
     *
     * @param cause the session ended ({@link SessionExpiredException}), the cluster refused the request
     *     ({@link InvalidRequestException}), or a method of this listener threw what is the cause of this
     */
    default void onEnd(RequestException cause) {}
}
