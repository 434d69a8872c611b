package io.balsa.raft.port;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.LogReader;
import java.util.List;

/**
 * The durable log of one group.
 *
 * <p>One thread appends, syncs and closes; any thread may read at the same time. An entry can be read as soon as
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

    /** Closes files. What was not synced may be lost. Closing twice does nothing. */
    @Override
    void close();
}
