package io.balsa.bench.growth;

import io.balsa.bench.AllocatedBytes;
import io.balsa.bench.Findings;
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
import java.util.regex.Pattern;
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

/**
 * What a command takes of the heap: on the leader's threads, on that of the client who hands it over, and on the followers'.
 * JMH's {@code -prof gc} tells the sum only, since all are in one JVM.
 */
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
public class AllocationBenchmark {
    private static final int NODES = 3;

    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    @Param("TCP")
    public Setting.Network network;

    @Param({"1", "16", "256"})
    public int outstanding;

    @Param("128")
    public int payloadBytes;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private BalsaGroup group;
    private Window window;
    private byte[] command;
    private Pattern ofLeader;
    private AllocatedBytes before;
    private long commands;

    /** Starts the group. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        group = BalsaGroup.start(new Setting(NODES, durability, network, directory.path()), LogStorageKind.SEGMENT);
        window = new Window(outstanding);
        command = new byte[payloadBytes];
        // Its threads are called after what they do and whose they are, some with a number.
        ofLeader = Pattern.compile("-" + Pattern.quote(group.leader().id().value()) + "(-\\d+)?$");
        Window.warmUp(this::submit, latencies);
    }

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void beginCounting() {
        commands = 0;
        before = AllocatedBytes.now();
    }

    /** Tells what each command took. */
    @TearDown(Level.Iteration)
    public void tellAllocation() throws TimeoutException {
        window.drain();
        AllocatedBytes after = AllocatedBytes.now();
        long leader = after.since(before, ofLeader.asPredicate());
        long client = after.since(before, Thread.currentThread().getName()::equals);
        long all = after.since(before, name -> true);
        Findings.current().put("leaderBytes", (double) leader / commands, "B");
        Findings.current().put("clientBytes", (double) client / commands, "B");
        Findings.current().put("othersBytes", (double) (all - leader - client) / commands, "B");
    }

    /** Ends the group. */
    @TearDown(Level.Trial)
    public void end() throws IOException {
        try {
            group.close();
        } finally {
            directory.delete();
        }
    }

    @Benchmark
    public void replicate() {
        commands++;
        window.submit(this::submit, latencies);
    }

    private void submit(ReplicationGroup.Completion completion) {
        group.submit(command, completion);
    }
}
