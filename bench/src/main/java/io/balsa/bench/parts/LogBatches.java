package io.balsa.bench.parts;

import io.balsa.raft.adapter.DataDirectory;
import io.balsa.raft.adapter.LogStorageKind;
import io.balsa.raft.core.EntryType;
import io.balsa.raft.core.LogEntry;
import io.balsa.raft.core.NodeId;
import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Batches of entries in a log as a node has it. */
final class LogBatches implements BatchWriter {
    private static final String CLUSTER = "bench";
    private static final NodeId NODE = NodeId.of("n1");
    /** Two segments: so much is kept, as a node does that takes snapshots. */
    private static final long KEPT_BYTES = 128L << 20;

    private final DataDirectory directory;
    private final LogStorage log;
    private final LogEntry[] batch;
    private final byte[] payload;
    private final long keptEntries;

    private LogBatches(DataDirectory directory, LogStorage log, int entries, int payloadBytes) {
        this.directory = directory;
        this.log = log;
        this.batch = new LogEntry[entries];
        this.payload = new byte[payloadBytes];
        this.keptEntries = Math.max(entries, KEPT_BYTES / (payloadBytes + LogEntry.OVERHEAD_BYTES));
    }

    static LogBatches open(Path directory, LogStorageKind kind, int entries, int payloadBytes) {
        DataDirectory data = openDirectory(directory);
        return new LogBatches(data, data.openLog(kind), entries, payloadBytes);
    }

    static DataDirectory openDirectory(Path directory) {
        return DataDirectory.open(directory, CLUSTER, NODE);
    }

    /** Appends the next batch, and does not sync it. */
    void append() {
        long index = log.lastIndex();
        for (int i = 0; i < batch.length; i++) {
            index++;
            batch[i] = new LogEntry(index, 1, EntryType.COMMAND, index, payload);
        }
        log.append(entries());
    }

    private List<LogEntry> entries() {
        return Arrays.asList(batch);
    }

    void sync() {
        log.sync();
    }

    long lastIndex() {
        return log.lastIndex();
    }

    /** Drops all but the last entries. */
    void keepOnly(long entries) {
        log.truncatePrefix(Math.max(log.firstIndex(), log.lastIndex() - entries));
    }

    @Override
    public void writeBatch() {
        append();
        sync();
    }

    @Override
    public void tidyUp() {
        if (log.lastIndex() - log.firstIndex() > 2 * keptEntries) {
            keepOnly(keptEntries);
        }
    }

    @Override
    public void close() {
        log.close();
        directory.close();
    }
}
