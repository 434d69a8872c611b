package io.balsa.raft.port;

import io.balsa.raft.core.HardState;

/** Keeps a server's term and vote. Used by one thread at a time. */
public interface HardStateStorage extends AutoCloseable {
    /**
     * Reads what was saved last.
     *
     * @return {@link HardState#INITIAL} if nothing was ever saved
     * @throws StorageException if what was saved is damaged or missing; never reset to an older term
     */
    HardState load();

    /**
     * Makes a state durable, atomically: after a crash, {@link #load} gives this state or the one before it.
     *
     * @throws StorageException if it could not be made durable
     */
    void save(HardState state);

    @Override
    void close();
}
