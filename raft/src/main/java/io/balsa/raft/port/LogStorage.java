package io.balsa.raft.port;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.LogReader;
import java.util.List;
import java.util.Optional;

/**
 * The durable log of one group.
 *
 * <p>One thread appends, truncates, resets, syncs and closes; any thread may read at the same time. An entry can be read as soon as
 * {@link #append} returned. After a restart the log holds at least what the last completed {@link #sync} covered;
 * what was appended later may be there or not, but only whole and in order.
 *
 * <p>Every method may throw {@link StorageException}, upon which the node halts.
 */
public interface LogStorage extends LogReader, AutoCloseable {
    /**
     * Appends entries. They supersede every entry at and above the index of the first, also after a restart.
     *
     * @param entries consecutive, at least one; the first at {@code firstIndex()} to {@code lastIndex() + 1}
     */
    void append(List<LogEntry> entries);

    /** Makes everything that was appended durable. Returns only when it is. A failure is final for this object. */
    void sync();

    /** Whether there is work for {@link #idle()}. */
    default boolean hasIdleWork() {
        return false;
    }

    /**
     * Does what {@link #sync} left for later, since nobody waits for it. Called by the thread that appends, some milliseconds
     * after the last sync, when there is nothing else to do.
     */
    default void idle() {
        // Nothing is left for later.
    }

    /**
     * The place that this log shares with others: its sync covers them all, and what is idle work of one is that of all. Empty
     * for a log that has its disk to itself.
     */
    default Optional<GroupLogs> shared() {
        return Optional.empty();
    }

    /**
     * Drops entries at the beginning that are not needed any more, as far as it can: {@link #firstIndex()} then lies at or below
     * the index given, and is at least 1 more than before or unchanged. What is left is never older than that after a restart,
     * nor has it a gap; but a {@link #shared()} log may begin as before after a crash, with all that it had, if nothing was synced
     * since.
     *
     * @param firstIndexToKeep from {@code firstIndex()} to {@code lastIndex() + 1}
     */
    void truncatePrefix(long firstIndexToKeep);

    /**
     * Drops all entries and begins anew, empty, at an index: a snapshot took their place. Durable when it returns; a crash on the
     * way leaves the old log or the new.
     *
     * @param firstIndex the index that the next append begins with, at least 1
     */
    void reset(long firstIndex);

    /** Closes files. What was not synced may be lost. Closing twice does nothing. */
    @Override
    void close();
}
