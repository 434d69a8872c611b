package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class CachedSegmentLogStorageTest extends LogStorageContract {
    private static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    @TempDir
    Path directory;

    @Override
    protected LogStorage create() {
        SegmentLogStorage.create(directory);
        return SegmentLogStorage.openCached(directory, SMALL, Syncer.DISK);
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return SegmentLogStorage.openCached(directory, SMALL, Syncer.DISK);
    }
}
