package io.balsa.raft.node;

import io.balsa.raft.core.HardState;
import io.balsa.raft.port.HardStateStorage;
import java.util.concurrent.CountDownLatch;

/** Term and vote in memory, whose saving can be held up and made to fail. Keeps them when it is closed. */
final class TestHardState implements HardStateStorage {
    private volatile HardState state = HardState.INITIAL;
    private volatile RuntimeException failure;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    /** From now on a save waits for {@link #openGate}. */
    void closeGate() {
        gate = new CountDownLatch(1);
    }

    void openGate() {
        gate.countDown();
    }

    void failWith(RuntimeException newFailure) {
        failure = newFailure;
    }

    @Override
    public HardState load() {
        return state;
    }

    @Override
    public void save(HardState newState) {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
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
