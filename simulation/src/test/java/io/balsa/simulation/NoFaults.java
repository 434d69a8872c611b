package io.balsa.simulation;

/** A disk that always works. */
enum NoFaults implements SimulatedDisk.Faults {
    INSTANCE;

    @Override
    public void beforeOperation(String operation) {
        // Nothing befalls it.
    }

    @Override
    public void afterOperation(String operation) {
        // Nothing befalls it.
    }
}
