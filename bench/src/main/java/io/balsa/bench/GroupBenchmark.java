package io.balsa.bench;

import io.balsa.bench.replication.ReplicationGroup;
import io.balsa.bench.replication.ReplicationProduct;
import io.balsa.bench.replication.Setting;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

/** A group of a product, whose nodes are all in this JVM, as benchmarks measure it. */
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
public abstract class GroupBenchmark {
    @Param("3")
    public int nodes;

    @Param({"FSYNC", "MEMORY"})
    public Setting.Durability durability;

    @Param({"TCP", "SAME_JVM"})
    public Setting.Network network;

    /** See {@link Products#all()}. */
    @Param({"balsa", "balsa-chronicle", "jgroups-raft", "microraft", "sofa-jraft", "ratis", "aeron-cluster", "zookeeper"
    })
    public String product;

    private final Latencies latencies = Latencies.current();
    private ScratchDirectory directory;
    private ReplicationGroup group;
    private Window window;
    private byte[] command;

    GroupBenchmark() {}

    /** How many commands are under way at most. */
    abstract int maxOutstanding();

    abstract int commandBytes();

    /** Starts the group. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        directory = ScratchDirectory.create();
        Setting setting = new Setting(nodes, durability, network, directory.path());
        ReplicationProduct measured = Products.named(product);
        if (!measured.supports(setting)) {
            throw new IllegalArgumentException(product + " does not run with " + durability + " and " + network);
        }
        group = measured.start(setting);
        command = new byte[commandBytes()];
        window = new Window(maxOutstanding());
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

    /**
     * Sends a command when there is room.
     *
     * @param beganNanos when its latency begins to count, or 0 for when there is room
     */
    final void replicate(long beganNanos) {
        window.submit(this::submit, beganNanos, latencies);
    }

    private void submit(ReplicationGroup.Completion completion) {
        group.submit(command, completion);
    }
}
