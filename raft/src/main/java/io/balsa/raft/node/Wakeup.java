package io.balsa.raft.node;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets one thread sleep until another has something for it. Whoever signals must have made its gift visible before, and
 * the sleeper looks for gifts after each {@link #await}: so none is overlooked.
 */
final class Wakeup implements DutySignal {
    private static final int AWAKE = 0;
    private static final int SIGNALLED = 1;
    private static final int ASLEEP = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);
    private volatile Thread sleeper;

    /** Wakes the sleeper, or keeps it from falling asleep next time. Cheap when it is awake. */
    @Override
    public void signal() {
        if (state.getAndSet(SIGNALLED) == ASLEEP) {
            LockSupport.unpark(sleeper);
        }
    }

    /** Sleeps until signalled, or for the time given. Always called by the same thread. */
    void await(long nanos) {
        // An interrupt would turn every sleep into a busy loop; these threads are stopped by flag and signal.
        Thread.interrupted();
        sleeper = Thread.currentThread();
        if (nanos > 0 && state.compareAndSet(AWAKE, ASLEEP)) {
            LockSupport.parkNanos(this, nanos);
        }
        state.set(AWAKE);
    }
}
