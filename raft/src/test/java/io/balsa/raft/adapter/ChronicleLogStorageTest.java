package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

@Tag("chronicle")
class ChronicleLogStorageTest extends LogStorageContract {
    /** Small, so that every test rolls from segment to segment. */
    private static final SegmentedLogStorage.Options SMALL = new SegmentedLogStorage.Options(16 << 10, 4096);

    @TempDir
    Path directory;

    @Override
    protected LogStorage create() {
        ChronicleLogStorage.create(directory);
        return ChronicleLogStorage.open(directory, SMALL, Syncer.DISK);
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return ChronicleLogStorage.open(directory, SMALL, Syncer.DISK);
    }
}
