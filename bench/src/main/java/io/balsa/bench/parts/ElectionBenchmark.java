package io.balsa.bench.parts;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.balsa.BalsaGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.adapter.LogStorageKind;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From the start of all nodes until a leader has applied a first command; durable, over TCP, election timeout 500 ms. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsPrepend = {
            JvmFlags.EXPORT_REF,
            JvmFlags.OPEN_REFLECT,
            JvmFlags.OPEN_CHANNELS,
            JvmFlags.OPEN_MISC,
            JvmFlags.NO_ANALYTICS,
            JvmFlags.MIN_HEAP,
            JvmFlags.MAX_HEAP
        })
@Warmup(iterations = 2)
@Measurement(iterations = 10)
public class ElectionBenchmark {
    @Param("3")
    public int nodes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BalsaGroup group;

    /** Makes the nodes. */
    @Setup(Level.Invocation)
    public void build() throws Exception {
        directory = ScratchDirectory.create();
        group = BalsaGroup.build(
                new Setting(nodes, Setting.Durability.FSYNC, Setting.Network.TCP, directory.path()),
                LogStorageKind.SEGMENT,
                BalsaGroup.Variation.NONE);
    }

    /** Ends the group. */
    @TearDown(Level.Invocation)
    public void end() throws IOException {
        group.close();
        directory.delete();
    }

    @Benchmark
    public void elect() throws Exception {
        long began = System.nanoTime();
        group.start();
        latencies.record(System.nanoTime() - began);
    }
}
