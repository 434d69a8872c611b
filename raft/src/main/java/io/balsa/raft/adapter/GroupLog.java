package io.balsa.raft.adapter;

import io.balsa.raft.core.Invariant;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.GroupLogs;
import io.balsa.raft.port.LogStorage;
import java.util.List;
import java.util.Optional;

/** One group's part of {@link SharedGroupLogs}, for as long as it is open. */
final class GroupLog implements LogStorage {
    private final SharedGroupLogs all;
    private final GroupState state;
    private volatile boolean closed;

    GroupLog(SharedGroupLogs all, GroupState state) {
        this.all = all;
        this.state = state;
    }

    @Override
    public Optional<GroupLogs> shared() {
        return Optional.of(all);
    }

    @Override
    public void append(List<LogEntry> entries) {
        checkOpen();
        state.append(entries);
    }

    @Override
    public void sync() {
        checkOpen();
        all.sync(state.lastAt());
    }

    @Override
    public boolean hasIdleWork() {
        return all.hasIdleWork();
    }

    @Override
    public void idle() {
        all.idle();
    }

    /** Costs no sync: a crash before the next one leaves the log as it was, since nothing of it is dropped before that. */
    @Override
    public void truncatePrefix(long firstIndexToKeep) {
        checkOpen();
        state.truncatePrefix(firstIndexToKeep);
    }

    @Override
    public void reset(long firstIndex) {
        checkOpen();
        state.reset(firstIndex);
        all.sync(state.lastAt());
    }

    private void checkOpen() {
        Invariant.check(!closed, "a closed log is not written to");
    }

    @Override
    public long firstIndex() {
        return state.index().firstIndex();
    }

    @Override
    public long lastIndex() {
        return state.index().lastIndex();
    }

    @Override
    public long termAt(long index) {
        LogIndex entries = state.index();
        LogChecks.checkIndex(index, entries.firstIndex(), entries.lastIndex());
        return entries.termAt(index);
    }

    @Override
    public List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        return state.read(fromIndex, toIndex, maxBytes);
    }

    @Override
    public List<LogEntry> configurations() {
        return state.index().configurations();
    }

    /** Leaves the place to whoever opens the group's log next; what was not synced is so by then. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            all.closed(state);
        }
    }
}
