package io.balsa.simulation;

import io.balsa.raft.adapter.LogStorageContract;
import io.balsa.raft.port.LogStorage;
import java.util.SplittableRandom;

/** The simulated log keeps the contract of the port, as the real ones do. */
class SimulatedLogStorageTest extends LogStorageContract {
    private SimulatedDisk disk;

    @Override
    protected LogStorage create() {
        disk = new SimulatedDisk("n1", new SplittableRandom(1));
        return open();
    }

    @Override
    protected LogStorage reopen(LogStorage opened) {
        opened.close();
        return open();
    }

    private LogStorage open() {
        return new SimulatedLogStorage(disk, NoFaults.INSTANCE, entries -> {});
    }
}
