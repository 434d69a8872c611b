package io.balsa.raft.port;

/** Carries the messages of many groups between the same servers, over the same connections. Thread-safe. */
public interface GroupTransports extends AutoCloseable {
    /**
     * The part of it that belongs to one group. To be started and closed by that group's node; the other groups don't notice.
     * What arrives for a group that was not started, or was closed, is dropped.
     *
     * @param group a name that is the same on all servers, up to 64 characters; not asked for again before it is closed
     */
    Transport of(String group);

    /** Ends all connections and threads. Closing twice does nothing. */
    @Override
    void close();
}
