package io.balsa.simulation;

import io.balsa.raft.client.RaftClient;
import io.balsa.statemachine.session.SessionRuntime;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** One simulated process of a client, as a {@link Workload} sees it: it stands still or ends whenever it is time for that. */
public interface ClientProcess {
    /** What it is called, different for each process. */
    String name();

    /** Chance for what it does. */
    SplittableRandom random();

    /** Its own monotonic clock. */
    long nanoTime();

    /** The world's time when this client's clock shows a time. */
    long worldNanosAt(long clockNanos);

    /** Does something later by its own clock, unless it has ended by then. */
    void after(Duration delay, Runnable task);

    /** A client that can reach the servers. */
    RaftClient connect();

    /** The time and threads of one session, see {@link io.balsa.statemachine.session.Session#overAsync}. */
    SessionRuntime sessionRuntime();

    /** Whether it has ended. */
    boolean isGone();

    /**
     * Puts something into the trace.
     *
     * @param what made only if anybody reads it
     */
    void note(Supplier<String> what);

    /** Makes a value part of what must be the same in each run of a seed. */
    void witness(long value);
}
