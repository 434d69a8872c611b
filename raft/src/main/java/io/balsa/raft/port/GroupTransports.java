package io.balsa.raft.port;

/** Carries the messages of many groups between the same servers, over the same connections. Thread-safe. */
public interface GroupTransports extends AutoCloseable {
    /** The longest name of a group, in characters. */
    int MAX_NAME_LENGTH = 64;

    /**
     * The part of it that belongs to one group. To be started and closed by that group's node; the other groups don't notice.
     * What arrives for a group that was not started, or was closed, is dropped.
     *
     * @param group a name that is the same on all servers, of 1 to {@link #MAX_NAME_LENGTH} characters
     * @throws IllegalArgumentException if the name is none
     * @throws IllegalStateException if the group has a part already that was not closed, or all is closed
     */
    Transport of(String group);

    /** Sends what the groups may still hold back, see {@link Transport#flush}; of all of them at once. Never blocks. */
    default void flush() {}

    /** Ends all connections and threads, and with them every group's part. Closing twice does nothing. */
    @Override
    void close();
}
