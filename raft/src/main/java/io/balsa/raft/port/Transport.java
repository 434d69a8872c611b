package io.balsa.raft.port;

import io.balsa.raft.core.Configuration;
import io.balsa.raft.core.Message;
import io.balsa.raft.core.NodeId;
import java.util.Optional;

/**
 * Carries messages between the servers of a group. Delivery may fail, repeat or overtake; Raft needs no more.
 */
public interface Transport extends AutoCloseable {
    /**
     * Begins to deliver. Called once, before the first {@link #send}.
     *
     * @throws java.io.UncheckedIOException if the address cannot be listened on
     */
    void start(Receiver receiver);

    /**
     * Sends a message to {@link Message#to()}, or drops it when that server can't be reached or its queue is full. Never
     * blocks. May be called from any thread.
     */
    void send(Message message);

    /** Sends what {@link #send} may still hold back in order to write several messages at once. Never blocks. */
    default void flush() {}

    /**
     * Learns who belongs to the group: called with the configuration that a server starts with, and with each that takes its
     * place, also when one that was never committed is withdrawn. From then on, members are reached at the addresses that the
     * configuration has for them, or else at those that are known by other means. Those that were removed are refused, after
     * a while in which they may still be told that they are: a leader that is removed commits its own removal. Never blocks.
     * May be called from any thread.
     */
    default void updateMembers(Configuration configuration) {}

    /** Where a server is reached, as far as that is known by other means than configurations. */
    default Optional<String> addressOf(NodeId server) {
        return Optional.empty();
    }

    /** Ends all connections and threads. Closing twice does nothing. */
    @Override
    void close();

    /**
     * Takes what arrives, and passes it on to a thread of its own. Called on threads of the transport, or of whoever sends or closes
     * in the same JVM, within that call; so it must neither block nor send.
     */
    interface Receiver {
        /**
         * A message arrived.
         *
         * @return false when the receiver is too busy to take it, and it was dropped
         */
        boolean onMessage(Message message);

        /** A connection broke or messages were dropped; reported once until messages flow again. */
        void onUnreachable(NodeId peer);

        /**
         * A peer does not let this server in, and will not as long as both are what they are. Told again at every attempt.
         *
         * @param text what that peer says about it
         */
        default void onRefused(NodeId peer, Exclusion.Reason reason, String text) {}

        /** A peer lets this server in, perhaps one that did not before. */
        default void onWelcome(NodeId peer) {}
    }
}
