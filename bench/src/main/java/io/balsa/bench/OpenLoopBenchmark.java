package io.balsa.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Commands through the leader of a group at a fixed rate, whether it keeps up or not: an open loop. The latency of each counts
 * from the moment when it was due, so that those behind a slow one tell of it too.
 */
public class OpenLoopBenchmark extends GroupBenchmark {
    /** So that what a group can't keep up with does not fill its memory; who waits for room has long been late. */
    private static final int MAX_OUTSTANDING = 4096;

    /** Commands in a second. */
    @Param({"1000", "5000", "20000", "100000"})
    public int rate;

    @Param("128")
    public int payloadBytes;

    private Pace pace;

    @Override
    int maxOutstanding() {
        return MAX_OUTSTANDING;
    }

    @Override
    int commandBytes() {
        return payloadBytes;
    }

    /** Nothing is due between the iterations. */
    @Setup(Level.Iteration)
    public void beginPace() {
        pace = new Pace(rate);
    }

    @Benchmark
    public void replicate() {
        replicate(pace.awaitNext());
    }
}
