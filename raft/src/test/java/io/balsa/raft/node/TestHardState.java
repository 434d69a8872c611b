package io.balsa.raft.node;

import io.balsa.raft.core.HardState;
import io.balsa.raft.port.HardStateStorage;

/** Term and vote in memory, which can be made to fail. Keeps them when it is closed. */
final class TestHardState implements HardStateStorage {
    private volatile HardState state = HardState.INITIAL;
    private volatile RuntimeException failure;

    void failWith(RuntimeException newFailure) {
        failure = newFailure;
    }

    @Override
    public HardState load() {
        return state;
    }

    @Override
    public void save(HardState newState) {
        if (failure != null) {
            throw failure;
        }
        state = newState;
    }

    @Override
    public void close() {
        failure = null;
    }
}
