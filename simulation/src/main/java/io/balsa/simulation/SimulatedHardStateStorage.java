package io.balsa.simulation;

import io.balsa.raft.core.HardState;
import io.balsa.raft.port.HardStateStorage;
import java.util.Objects;
import java.util.function.Consumer;

/** Term and vote of one process on a {@link SimulatedDisk}. */
final class SimulatedHardStateStorage implements HardStateStorage {
    private final SimulatedDisk disk;
    private final SimulatedDisk.Faults faults;
    private final Consumer<HardState> onSaved;

    /** @param onSaved told of what became durable */
    SimulatedHardStateStorage(SimulatedDisk disk, SimulatedDisk.Faults faults, Consumer<HardState> onSaved) {
        this.disk = disk;
        this.faults = faults;
        this.onSaved = onSaved;
    }

    @Override
    public HardState load() {
        return disk.loadHardState();
    }

    @Override
    public void save(HardState state) {
        Objects.requireNonNull(state, "state");
        disk.beginSaving(state);
        faults.beforeOperation("save");
        disk.finishSaving();
        onSaved.accept(state);
        faults.afterOperation("save");
    }

    @Override
    public void close() {
        // The disk belongs to the machine.
    }
}
