package io.balsa.raft.adapter;

import io.balsa.raft.port.HardStateStorage;

class MemoryHardStateStorageTest extends HardStateStorageContract {
    @Override
    protected HardStateStorage create() {
        return new MemoryHardStateStorage();
    }

    @Override
    protected HardStateStorage reopen(HardStateStorage opened) {
        opened.close();
        return opened;
    }
}
