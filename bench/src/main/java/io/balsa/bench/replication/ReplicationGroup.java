package io.balsa.bench.replication;

/** Nodes in this JVM under one leader. */
public interface ReplicationGroup extends AutoCloseable {

    /**
     * Replicates a command of the caller's; does not wait. The callback is run once, on any thread, when the leader has
     * committed and applied the command to a state machine that only counts, or when it failed.
     */
    void submit(byte[] command, Completion completion);

    /** What to do when a command is through. */
    interface Completion {
        /**
         * Takes how it went.
         *
         * @param failure null if it went well
         */
        void done(Throwable failure);
    }

    /** Ends all threads and ports of the group; bounded in time. */
    @Override
    void close();
}
