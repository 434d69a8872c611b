package io.balsa.bench.growth;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.Window;
import io.balsa.bench.balsa.BalsaGroup;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting;
import io.balsa.raft.adapter.LogStorageKind;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

/** Commands through a group of ever more nodes, all in this JVM and on its processors. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
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
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class NodesBenchmark {
    @Param({"1", "3", "5", "7"})
    public int nodes;

    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    @Param("TCP")
    public Setting.Network network;

    @Param("256")
    public int outstanding;

    @Param("128")
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BalsaGroup group;
    private Window window;
    private byte[] command;

    /** Starts the group. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        group = BalsaGroup.start(new Setting(nodes, durability, network, directory.path()), LogStorageKind.SEGMENT);
        window = new Window(outstanding);
        command = new byte[payloadBytes];
        Window.warmUp(this::submit, latencies);
    }

    /** Waits for what is under way, and ends the group. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain();
        } finally {
            group.close();
            directory.delete();
        }
    }

    @Benchmark
    public void replicate() {
        window.submit(this::submit, latencies);
    }

    private void submit(ReplicationGroup.Completion completion) {
        group.submit(command, completion);
    }
}
