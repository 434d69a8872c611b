package io.balsa.raft.adapter;

import io.balsa.raft.core.LogEntry;
import io.balsa.raft.port.LogStorage;
import java.util.List;

/** A log that does something before each write to another one. */
interface LogStorageDecorator extends LogStorage {
    LogStorage log();

    void beforeWrite();

    @Override
    default void append(List<LogEntry> entries) {
        beforeWrite();
        log().append(entries);
    }

    @Override
    default void sync() {
        beforeWrite();
        log().sync();
    }

    @Override
    default void truncatePrefix(long firstIndexToKeep) {
        beforeWrite();
        log().truncatePrefix(firstIndexToKeep);
    }

    @Override
    default void reset(long firstIndex) {
        beforeWrite();
        log().reset(firstIndex);
    }

    @Override
    default long firstIndex() {
        return log().firstIndex();
    }

    @Override
    default long lastIndex() {
        return log().lastIndex();
    }

    @Override
    default long termAt(long index) {
        return log().termAt(index);
    }

    @Override
    default List<LogEntry> read(long fromIndex, long toIndex, long maxBytes) {
        return log().read(fromIndex, toIndex, maxBytes);
    }

    @Override
    default List<LogEntry> configurations() {
        return log().configurations();
    }
}
