package io.balsa.raft.node;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread at a time to the state machine, without making any wait: its owner, the {@link Applier}, and clients that read
 * on their own threads while it rests. Who finds it taken goes elsewhere; only the owner leaves word that it was there, and then
 * has the next turn, so that readers who come one after the other never keep it out.
 */
final class StateMachineGate {
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    /** Taken, and the owner was there. */
    private static final int AWAITED = 2;
    /** Free for the owner only. */
    private static final int RESERVED = 3;

    private final AtomicInteger state = new AtomicInteger(FREE);

    /**
     * For a reader.
     *
     * @return false if another is in, or comes next
     */
    boolean tryEnter() {
        return state.compareAndSet(FREE, TAKEN);
    }

    /**
     * For the owner.
     *
     * @return false if a reader is in; its {@link #leave} then returns true
     */
    boolean enterOrLeaveWord() {
        while (true) {
            int now = state.get();
            if (now == FREE || now == RESERVED) {
                if (state.compareAndSet(now, TAKEN)) {
                    return true;
                }
            } else if (now == AWAITED || state.compareAndSet(TAKEN, AWAITED)) {
                return false;
            }
        }
    }

    /**
     * For whoever is in.
     *
     * @return whether the owner was there meanwhile and must be told that it has its turn now
     */
    boolean leave() {
        if (state.compareAndSet(TAKEN, FREE)) {
            return false;
        }
        state.set(RESERVED);
        return true;
    }
}
