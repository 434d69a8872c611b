package io.balsa.raft.adapter;

import io.balsa.raft.core.HardState;
import io.balsa.raft.port.HardStateStorage;
import java.util.Objects;

/** A term and vote that live as long as their process: for tests, and beside a {@link MemoryLogStorage}. */
public final class MemoryHardStateStorage implements HardStateStorage {
    private volatile HardState state = HardState.INITIAL;

    @Override
    public HardState load() {
        return state;
    }

    @Override
    public void save(HardState saved) {
        state = Objects.requireNonNull(saved, "saved");
    }

    @Override
    public void close() {
        // Nothing is held but memory, which a test may want to read after a simulated restart.
    }
}
