package io.balsa.raft.adapter;

import io.balsa.raft.port.SnapshotStorage;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import org.junit.jupiter.api.io.TempDir;

class FileSnapshotStorageTest extends SnapshotStorageContract {
    @TempDir
    Path temporary;

    private final IdentityHashMap<SnapshotStorage, Path> directories = new IdentityHashMap<>();

    @Override
    protected SnapshotStorage create() {
        return open(temporary.resolve("snapshots-" + directories.size()));
    }

    private SnapshotStorage open(Path directory) {
        SnapshotStorage opened = FileSnapshotStorage.open(directory);
        directories.put(opened, directory);
        return opened;
    }

    @Override
    protected SnapshotStorage reopen(SnapshotStorage opened) {
        opened.close();
        return open(directories.get(opened));
    }
}
