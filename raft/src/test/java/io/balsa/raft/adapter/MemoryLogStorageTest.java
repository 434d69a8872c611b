package io.balsa.raft.adapter;

import io.balsa.raft.port.LogStorage;

class MemoryLogStorageTest extends LogStorageContract {
    @Override
    protected LogStorage create() {
        return new MemoryLogStorage();
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return opened;
    }
}
