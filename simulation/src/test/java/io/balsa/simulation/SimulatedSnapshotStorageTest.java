package io.balsa.simulation;

import io.balsa.raft.adapter.SnapshotStorageContract;
import io.balsa.raft.port.SnapshotStorage;

/** The simulated snapshots keep the contract of the port, as the real ones do. */
class SimulatedSnapshotStorageTest extends SnapshotStorageContract {
    @Override
    protected SnapshotStorage create() {
        return new SimulatedSnapshotStorage(new SimulatedSnapshotFiles(() -> {}), NoFaults.INSTANCE, damaged -> {});
    }

    @Override
    protected SnapshotStorage reopen(SnapshotStorage opened) {
        opened.close();
        return ((SimulatedSnapshotStorage) opened).reopened();
    }
}
