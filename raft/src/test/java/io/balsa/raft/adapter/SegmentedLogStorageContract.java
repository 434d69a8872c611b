package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** What every log storage must do, of one kind of segments. */
abstract class SegmentedLogStorageContract extends LogStorageContract {
    /** Small, so that every test rolls from segment to segment. */
    private static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    private final LogStorageKind kind;

    @TempDir
    Path directory;

    SegmentedLogStorageContract(LogStorageKind kind) {
        this.kind = kind;
    }

    @Override
    protected LogStorage create() {
        SegmentedLogStorage.create(directory);
        return kind.open(directory, SMALL, Syncer.DISK);
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return kind.open(directory, SMALL, Syncer.DISK);
    }
}
