package io.balsa.simulation;

import io.balsa.raft.adapter.HardStateStorageContract;
import io.balsa.raft.port.HardStateStorage;
import java.util.SplittableRandom;

/** The simulated term and vote keep the contract of the port, as the real ones do. */
class SimulatedHardStateStorageTest extends HardStateStorageContract {
    private SimulatedDisk disk;

    @Override
    protected HardStateStorage create() {
        disk = new SimulatedDisk("n1", new SplittableRandom(1));
        return open();
    }

    @Override
    protected HardStateStorage reopen(HardStateStorage opened) {
        opened.close();
        return open();
    }

    private HardStateStorage open() {
        return new SimulatedHardStateStorage(disk, NoFaults.INSTANCE, state -> {});
    }
}
