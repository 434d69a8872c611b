package io.balsa.statemachine;

import io.balsa.raft.core.Invariant;

/** One handle of one session that arrived at a barrier: it waits there, or has passed and did not say yet that it knows. */
final class Arrival {
    private final Barrier barrier;
    private final LiveSession session;
    private final long holder;
    private long generation;

    Arrival(Barrier barrier, LiveSession session, long holder) {
        this.barrier = barrier;
        this.session = session;
        this.holder = holder;
    }

    Barrier barrier() {
        return barrier;
    }

    LiveSession session() {
        return session;
    }

    long holder() {
        return holder;
    }

    boolean hasPassed() {
        return generation != 0;
    }

    /** The index of the entry in which it passed; 0 while it waits. */
    long generation() {
        return generation;
    }

    void pass(long newGeneration) {
        Invariant.check(generation == 0 && newGeneration > 0, "an arrival passes once");
        generation = newGeneration;
    }
}
