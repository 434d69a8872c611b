package io.balsa.bench.growth;

import io.balsa.bench.JvmFlags;
import io.balsa.bench.Latencies;
import io.balsa.bench.ScratchDirectory;
import io.balsa.bench.Window;
import io.balsa.bench.balsa.HostedGroups;
import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.Setting;
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

/** Commands to many groups of three nodes that share threads and connections, each group in turn: the rate of all together. */
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
            JvmFlags.LARGE_MIN_HEAP,
            JvmFlags.LARGE_MAX_HEAP
        })
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 3, time = 5)
public class GroupsBenchmark {
    @Param({"1", "10", "100"})
    public int groups;

    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    /** Of no effect in memory. */
    @Param("SHARED")
    public HostedGroups.Log log;

    /** In all groups together. */
    @Param("256")
    public int outstanding;

    @Param("128")
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private HostedGroups hosted;
    private Window window;
    private byte[] command;
    private int next;

    /** Starts the groups. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        hosted = HostedGroups.start(groups, durability, log, directory.path());
        window = new Window(outstanding);
        command = new byte[payloadBytes];
        // Many groups come to their rate only with so many under way as there will be.
        Window.warmUpLong(this::submit, outstanding, latencies);
    }

    /** Waits for what is under way, and ends the groups. */
    @TearDown(Level.Trial)
    public void end() throws IOException, TimeoutException {
        try {
            window.drain();
        } finally {
            hosted.close();
            directory.delete();
        }
    }

    @Benchmark
    public void replicate() {
        window.submit(this::submit, latencies);
    }

    /** To one group after the other. */
    private void submit(ReplicationGroup.Completion completion) {
        hosted.submit(next, command, completion);
        next = (next + 1) % groups;
    }
}
