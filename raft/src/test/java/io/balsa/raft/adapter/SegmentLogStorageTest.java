package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SegmentLogStorageTest extends LogStorageContract {
    /** Small, so that every test rolls from segment to segment. */
    private static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    @TempDir
    Path directory;

    @Override
    protected LogStorage create() {
        SegmentLogStorage.create(directory);
        return SegmentLogStorage.open(directory, SMALL, Syncer.DISK);
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return SegmentLogStorage.open(directory, SMALL, Syncer.DISK);
    }
}
