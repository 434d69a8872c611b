package io.balsa.raft.adapter;

import io.balsa.raft.port.SnapshotStorage;

class MemorySnapshotStorageTest extends SnapshotStorageContract {
    @Override
    protected SnapshotStorage create() {
        return new MemorySnapshotStorage();
    }

    @Override
    protected SnapshotStorage reopen(SnapshotStorage opened) {
        opened.close();
        return opened;
    }
}
