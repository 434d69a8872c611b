package io.balsa.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * Commands through the leader of a group: one client thread keeps a number of them under way. An operation is over when the
 * leader has committed and applied it.
 */
public class ReplicationBenchmark extends GroupBenchmark {
    @Param({"1", "16", "256", "4096"})
    public int outstanding;

    @Param({"128", "1024", "16384"})
    public int payloadBytes;

    @Override
    int maxOutstanding() {
        return outstanding;
    }

    @Override
    int commandBytes() {
        return payloadBytes;
    }

    @Benchmark
    public void replicate() {
        replicate(0);
    }
}
